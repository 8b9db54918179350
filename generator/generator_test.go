package generator_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator"
)

// module returns a directory with a module that uses this one.
func module(t testing.TB, files map[string]string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	mod := "module example.com/m\n\ngo 1.26.0\n\nrequire github.com/pingogen/pingogen v0.0.0\n\n" +
		"replace github.com/pingogen/pingogen => " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644))
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

// methods returns a package whose interface has n methods.
func methods(n int) string {
	var b strings.Builder
	b.WriteString("package m\n\nimport \"context\"\n\n//pingo:plugin\ntype Big interface {\n")
	for i := range n {
		fmt.Fprintf(&b, "\tMethod%d(ctx context.Context, a int, b []T%d, c map[string]*T%d) (T%d, error)\n", i, i, i/2, i)
	}
	b.WriteString("}\n")
	for i := range n {
		fmt.Fprintf(&b, "\ntype T%d struct{ F%d string; Next *T%d }\n", i, i, (i+1)%n)
	}
	return b.String()
}

func TestTwoHundredMethods(t *testing.T) {
	dir := module(t, map[string]string{"big.go": methods(200)})
	result, err := generator.Generate(generator.Config{Dir: dir})
	require.NoError(t, err)
	require.Empty(t, result.Diagnostics)
	require.Len(t, result.Outputs, 1)
	require.NoError(t, result.Write())
	build := exec.Command("go", "vet", ".")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestNothingIsWrittenBeforeWrite(t *testing.T) {
	dir := module(t, map[string]string{"m.go": methods(1)})
	result, err := generator.Generate(generator.Config{Dir: dir})
	require.NoError(t, err)
	require.Len(t, result.Stale(), 1)
	require.NoFileExists(t, filepath.Join(dir, generator.DefaultOutput))
	require.Nil(t, result.Outputs[0].Old)
	require.NoError(t, result.Write())
	require.FileExists(t, filepath.Join(dir, generator.DefaultOutput))

	again, err := generator.Generate(generator.Config{Dir: dir})
	require.NoError(t, err)
	require.Empty(t, again.Stale())
	require.Equal(t, string(result.Outputs[0].New), string(again.Outputs[0].New))
}
