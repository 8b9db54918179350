package watch

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A new sighting is tried once, when it has not changed for a while.
func TestExecutableSettles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin")
	clock := time.Now()
	look := func() *Sighting { return Look(path, "") }
	write := func(content string, at time.Time) {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
	}
	write("old", clock)
	program := look()
	var w Watch
	after := func(d time.Duration) bool {
		clock = clock.Add(d)
		return w.Changed(program, look(), clock)
	}
	require.False(t, after(time.Hour))

	write("new, ha", clock)
	require.False(t, after(time.Millisecond))
	require.False(t, after(settleTime/2))
	write("new, half", clock) // larger
	require.False(t, after(settleTime/2))
	write("NEW, HALF", clock.Add(1)) // another time
	require.False(t, after(settleTime/2))
	require.NoError(t, os.Rename(path, path+".old"))
	require.False(t, after(settleTime), "it is gone")
	require.NoError(t, os.WriteFile(path, []byte("NEW, HALF"), 0o600)) // another file
	require.NoError(t, os.Chtimes(path, w.tried.info.ModTime(), w.tried.info.ModTime()))
	require.False(t, after(time.Millisecond))
	require.True(t, after(settleTime))
	require.False(t, after(settleTime), "once")

	w.Again()
	w.since = clock
	require.False(t, after(settleTime/2))
	require.True(t, after(settleTime), "or when it could not be started")

	program = look()
	require.False(t, after(settleTime), "or by others")
	write("newest", clock)
	require.False(t, after(time.Millisecond))
	require.True(t, after(settleTime))

	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(path, 0o400))
		require.False(t, after(time.Hour), "to read and to write are nothing to who executes")
		require.NoError(t, os.Chmod(path, 0o500))
		require.False(t, after(time.Millisecond))
		require.True(t, after(settleTime), "as soon as it may be executed")
	}

	path += ".old" // as by Swap
	program = look()
	write("newer than what was swapped in", clock)
	require.False(t, after(time.Millisecond))
	require.True(t, after(settleTime))
}

// Look looks where package os/exec finds what is started.
func TestLook(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "plugin.exe"), nil, 0o700))
	t.Setenv("PATH", dir)
	there := Look(filepath.Join(dir, "plugin.exe"), "")
	require.NotNil(t, there.info)
	relative := "." + string(filepath.Separator) + "plugin.exe"
	require.True(t, os.SameFile(there.info, Look("plugin.exe", "").info), "a bare name is looked up in PATH")
	require.True(t, os.SameFile(there.info, Look(relative, dir).info), "and others in the directory that the process starts in")
	require.Nil(t, Look(relative, t.TempDir()).info)
	require.False(t, there.Equal(Look(relative, dir)), "they have another name")
}
