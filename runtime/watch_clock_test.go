package pingo

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A new sighting is tried once, when it has not changed for a while.
func TestExecutableSettles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin")
	clock := time.Now()
	look := func() *sighting {
		info, _ := os.Stat(path)
		return &sighting{path, info}
	}
	write := func(content string, at time.Time) {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
	}
	write("old", clock)
	program := look()
	var w watched
	after := func(d time.Duration) bool {
		clock = clock.Add(d)
		return w.changed(program, look(), clock)
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

	w.again()
	w.since = clock
	require.False(t, after(settleTime/2))
	require.True(t, after(settleTime), "or when it could not be started")

	program = look()
	require.False(t, after(settleTime), "or by others")
	write("newest", clock)
	require.False(t, after(time.Millisecond))
	require.True(t, after(settleTime))

	path += ".old" // as by Swap
	program = look()
	write("newer than what was swapped in", clock)
	require.False(t, after(time.Millisecond))
	require.True(t, after(settleTime))
}

// What is found while another swap is under way is swapped in after it, however long that takes, unless
// that has put something else in its place, or the same.
func TestWatchWaitsForAnotherSwap(t *testing.T) {
	noTransport(t)
	old := &sighting{path: "here"}
	for name, meanwhile := range map[string]*sighting{"found in vain": nil, "the same": look(t, "here"), "another": {path: "there"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := New(Config{Path: "here", Transport: "unix", ErrorHandler: discard{}})
				p.started = true
				p.program.Store(old)
				p.swapping <- struct{}{}
				result := make(chan error, 1)
				go func() {
					_, err := p.renew(look(t, "here"))
					result <- err
				}()
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				require.Empty(t, result)
				if meanwhile != nil {
					p.program.Store(meanwhile)
				}
				<-p.swapping
				if err := <-result; meanwhile != nil {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, "no transport today", "it was tried")
				}
				require.Empty(t, p.swapping)
			})
		})
	}
}

// look returns this program under another name.
func look(t *testing.T, path string) *sighting {
	exe, err := os.Executable()
	require.NoError(t, err)
	info, err := os.Stat(exe)
	require.NoError(t, err)
	return &sighting{path, info}
}
