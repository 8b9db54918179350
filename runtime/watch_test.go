package pingo_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestNewExecutableIsSwappedIn(t *testing.T) {
	check := nothingRemains(t)
	path, d, cfg, rec := watched(t, "one", "two")
	p := start(t, cfg)
	g := newGreeterClient(p)
	old := pidOf(t, p)

	spoil(t, path("one"))
	rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 1 })
	require.Equal(t, old, pidOf(t, p), "the old one goes on")

	replace(t, path("one"), path("two"))
	eventually(t, "it is swapped in", func() string { return strings.Repeat("Swapped", strings.Count(d.kinds(), "Swapped")) }, "Swapped")
	require.NotEqual(t, old, pidOf(t, p))
	_, err := g.SayHello(t.Context(), "x")
	require.NoError(t, err)
	within(t, "Stop", p.Stop)
	_, errs, _ := rec.snapshot()
	require.Len(t, errs, 1)
	require.ErrorContains(t, errs[0], "the new executable was not swapped in")
	kinds := d.kinds()
	require.Equal(t, "Started Ready SwapFailed Started Swapped Stopped", kinds)
	failed := d.read()[2].(pingo.EventSwapFailed)
	require.Equal(t, path("one"), failed.Path)
	require.Zero(t, failed.Pid, "no process came of it")
	check()
}

// A restart that meets a file which has never worked waits for another one, and does not use up the budget.
func TestRefusedExecutableIsNotGivenUp(t *testing.T) {
	check := nothingRemains(t)
	path, d, cfg, rec := watched(t, "one", "two")
	cfg.Restart, cfg.RestartDelay, cfg.RestartMaxDelay, cfg.RestartBudget = pingo.RestartOnFailure, time.Millisecond, 10*time.Millisecond, 1
	cfg.RestartWindow = time.Hour
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	spoil(t, path("one"))
	require.Error(t, p.Call("Lab.Exit", 1, nil))
	const failed = "the executable has changed and does not become ready; it is tried again, and another as soon as there is one: the plugin did not start: "
	rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) > 5 && strings.Contains(errs[5].Error(), failed) })
	require.Contains(t, d.kinds(), "Crashed Restarting Crashed Restarting Crashed Restarting Crashed Restarting")

	err := p.Call("Lab.Echo", "x", nil)
	require.ErrorContains(t, err, failed, "nobody waits for what may never come")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	require.ErrorContains(t, p.Ready(t.Context()), failed)

	replace(t, path("one"), path("two"))
	eventually(t, "a call", func() string { return fmt.Sprint(p.Call("Lab.Echo", "x", nil)) }, "<nil>")
	require.Error(t, p.Call("Lab.Exit", 1, nil), "what has worked counts")
	wait(t, "the end", p.Done())
	var history *pingo.GaveUpError
	require.ErrorAs(t, p.Err(), &history)
	require.Len(t, history.Failures, 2)
	check()
}

// A file that was refused because nobody may execute it is another one as soon as somebody may, as the error says.
func TestExecutableIsTriedAgainWhenItMayBe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such mode")
	}
	path, d, cfg, rec := watched(t, "one", "two")
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	require.NoError(t, os.Chmod(path("two"), 0o600))
	replace(t, path("one"), path("two"))
	rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 1 })
	_, errs, _ := rec.snapshot()
	require.ErrorContains(t, errs[0], "chmod +x")
	require.NoError(t, os.Chmod(path("one"), 0o700))
	eventually(t, "it is swapped in", func() string { return fmt.Sprint(strings.Contains(d.kinds(), "SwapFailed Started Swapped")) }, "true")
}

// Who stops a plugin whose calls fail since its executable is no good hears from them that it was stopped.
func TestCallsAfterStopOfARefusedExecutable(t *testing.T) {
	path, _, cfg, _ := watched(t, "one", "two")
	cfg.Restart, cfg.RestartDelay, cfg.RestartBudget, cfg.Events = pingo.RestartOnFailure, time.Millisecond, 1, nil
	var refused atomic.Int32
	held, over := make(chan struct{}), make(chan struct{})
	cfg.Wire = func(c net.Conn) net.Conn {
		if refused.Load() > 0 {
			_ = c.Close()
			if refused.Add(1) == 4 { // one more than are put up with, and another
				close(held)
				<-over
			}
		}
		return c
	}
	p := start(t, cfg)
	t.Cleanup(func() { close(over) })
	require.NoError(t, p.Ready(t.Context()))
	refused.Store(1)
	replace(t, path("one"), path("two"))
	require.Error(t, p.Call("Lab.Exit", 1, nil))
	wait(t, "a third start", held)
	require.ErrorContains(t, p.Call("Lab.Echo", "x", nil), "the executable has changed")
	go p.Stop()
	eventually(t, "a call", func() string { return fmt.Sprint(errors.Is(p.Call("Lab.Echo", "x", nil), pingo.ErrStopped)) }, "true")
}

// An executable that works ends the story of those before it.
func TestRefusedExecutablesAreForgotten(t *testing.T) {
	path, d, cfg, _ := watched(t, "one", "two")
	cfg.Restart, cfg.RestartDelay, cfg.RestartMaxDelay, cfg.RestartBudget = pingo.RestartOnFailure, time.Millisecond, 10*time.Millisecond, 2
	cfg.RestartWindow = time.Hour
	p := start(t, cfg)
	failures := func() (list []int) {
		for _, e := range d.read() {
			if restarting, ok := e.(pingo.EventRestarting); ok {
				list = append(list, restarting.Failures)
			}
		}
		return list
	}
	fail := func(restarts int) {
		require.NoError(t, p.Ready(t.Context()))
		spoil(t, path("one"))
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		eventually(t, "restarts", func() string { return fmt.Sprint(len(failures()) >= restarts) }, "true")
	}
	fail(4)
	require.Equal(t, []int{1, 1, 2, 3}, failures()[:4], "those of the new file are counted apart")
	replace(t, path("one"), path("two"))
	eventually(t, "a call", func() string { return fmt.Sprint(p.Call("Lab.Echo", "x", nil)) }, "<nil>")
	before := len(failures())
	fail(before + 2)
	require.Equal(t, []int{2, 1}, failures()[before:before+2])
}

// An update that comes while the calls of a process are waited for that was swapped out is not lost.
func TestUpdateDuringASwap(t *testing.T) {
	check := nothingRemains(t)
	path, d, cfg, rec := watched(t, "one", "two", "three")
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	hung := make(chan error, 1)
	go func() { hung <- p.Call("Lab.Hang", 0, nil) }()
	rec.await("hanging")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	swapped := make(chan error, 1)
	go func() { swapped <- p.Swap(ctx, path("two")) }()
	count := func() string { return strings.Repeat("Swapped", strings.Count(d.kinds(), "Swapped")) }
	eventually(t, "the first swap", count, "Swapped")

	replace(t, path("two"), path("three"))
	cancel()
	require.NoError(t, <-swapped)
	require.ErrorIs(t, <-hung, pingo.ErrSwapped)
	eventually(t, "the second swap", count, "SwappedSwapped")
	within(t, "Stop", p.Stop)
	require.Equal(t, "Started Ready Started Swapped Started Swapped Stopped", d.kinds())
	check()
}

// watched is the configuration of a plugin whose executable, the first of names, is looked at all the time. The last of names can
// be put in its place.
func watched(t *testing.T, names ...string) (path func(string) string, d *diary, cfg pingo.Config, rec *recorder) {
	path, d = executables(t, names...), &diary{}
	copyOf(t, path(names[len(names)-1]))
	cfg, rec = setup(t, "variant")
	cfg.Path, cfg.Watch, cfg.Events = path(names[0]), 5*time.Millisecond, d.write
	return path, d, cfg, rec
}

// replace puts another file in the place of an executable.
func replace(t *testing.T, path, by string) {
	t.Helper()
	require.NoError(t, os.Rename(path, filepath.Join(t.TempDir(), "old.exe"))) // some systems do not remove what runs
	require.NoError(t, os.Rename(by, path))
}

// spoil puts what is no program in the place of an executable.
func spoil(t *testing.T, path string) {
	t.Helper()
	bad := filepath.Join(filepath.Dir(path), "bad.exe")
	require.NoError(t, os.WriteFile(bad, []byte("this is no program"), 0o700))
	replace(t, path, bad)
}

// copyOf puts a copy in the place of what may be a link to another executable.
func copyOf(t *testing.T, path string) {
	binary, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.WriteFile(path, binary, 0o700))
}
