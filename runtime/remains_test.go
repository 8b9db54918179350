package pingo_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// nothingRemains returns a function that fails the test unless everything that
// was made since is gone: goroutines of the runtime, descriptors, processes and
// files for sockets.
func nothingRemains(t *testing.T) (check func()) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	before := descriptors(t)
	return func() {
		t.Helper()
		eventually(t, "goroutines remain", goroutines, "")
		eventually(t, "descriptors remain", func() string { return descriptors(t) }, before)
		eventually(t, "processes remain", func() string { return children(t) }, "")
		files, err := os.ReadDir(temp)
		require.NoError(t, err)
		require.Empty(t, files, "files remain")
	}
}

// eventually fails the test unless what becomes want: what has been told to end
// may need a moment after it has said so.
func eventually(t *testing.T, problem string, what func() string, want string) {
	t.Helper()
	for late := time.Now().Add(patience); what() != want; runtime.Gosched() {
		if time.Now().After(late) {
			require.Equal(t, want, what(), problem)
		}
	}
}

// goroutines lists those of the runtime, not counting those of tests.
func goroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var ours []string
	for g := range strings.SplitSeq(string(buf), "\n\n") {
		if strings.Contains(g, "pingogen/runtime") && !strings.Contains(g, "runtime_test.") {
			ours = append(ours, g)
		}
	}
	return strings.Join(ours, "\n\n")
}
