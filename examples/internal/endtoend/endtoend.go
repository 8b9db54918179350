// Package endtoend runs the examples as a user would, for their tests.
package endtoend

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Run builds the program in the test's directory, runs it there with args, and
// compares all that it prints with testdata/output.txt. The program must
// succeed and must not write to its standard error.
func Run(t *testing.T, args ...string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program.exe") // Windows wants the ending, others do not mind
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)

	var stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	require.NoError(t, err, "%s", &stderr)
	require.Empty(t, stderr.String())

	want, err := os.ReadFile(filepath.Join("testdata", "output.txt"))
	require.NoError(t, err)
	require.Equal(t, string(want), string(stdout))
}
