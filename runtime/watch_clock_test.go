package pingo

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A new sighting is tried once, when it has not changed for a while.
func TestExecutableSettles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin")
	clock := time.Now()
	look := func() sighting {
		info, _ := os.Stat(path)
		return sighting{path, info}
	}
	write := func(content string, at time.Time) {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
	}
	write("old", clock)
	w := watched{running: look(), last: look()}
	after := func(d time.Duration) bool {
		clock = clock.Add(d)
		return w.changed(look(), clock)
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
	require.NoError(t, os.Chtimes(path, w.running.info.ModTime(), w.running.info.ModTime()))
	require.False(t, after(time.Millisecond))
	require.True(t, after(settleTime))
	require.False(t, after(settleTime), "once")

	w.again()
	w.since = clock
	require.False(t, after(settleTime/2))
	require.True(t, after(settleTime), "or when it could not be started")

	path += ".old" // as after Swap
	require.False(t, after(time.Hour))
}
