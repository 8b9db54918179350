package pingo_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// A hundred swaps under 64 callers lose no call, and none is answered by nobody knows whom.
func TestNoCallIsLostBySwaps(t *testing.T) {
	path := executables(t, "one", "two")
	swaps := 100
	if testing.Short() {
		swaps = 10
	}
	check := nothingRemains(t)
	cfg, rec := setup(t, "variant")
	cfg.Path = path("one")
	p := pingo.New(cfg)
	g := newGreeterClient(p)
	p.Start()
	made := callVariants(t, g, 64)
	for i := range swaps {
		require.NoError(t, p.Swap(t.Context(), path([]string{"two", "one"}[i%2])))
	}
	require.Greater(t, made(), int64(swaps))
	within(t, "Stop", p.Stop)
	_, errs, _ := rec.snapshot()
	require.Empty(t, errs)
	check()
}

func TestSwapLetsCallsFinish(t *testing.T) {
	stopped(t, "way", func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		path, _ := program(t, "way")
		c := pingo.Bind(p, &wayContract)
		p.Start()
		gate := filepath.Join(t.TempDir(), "gate")
		called := make(chan error, 1)
		go func() { called <- goes(t.Context(), c, "Once", "until:"+gate) }()
		rec.await("waiting")
		swapped := make(chan error, 1)
		var old, pid int
		require.NoError(t, p.Call("Lab.Pid", 0, &old))
		go func() { swapped <- p.Swap(t.Context(), path) }()
		eventually(t, "new calls go to the new process", func() string {
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			return fmt.Sprint(pid != old)
		}, "true")
		require.Empty(t, called)
		require.Empty(t, swapped)
		require.NoError(t, os.WriteFile(gate, nil, 0o600))
		require.NoError(t, <-called)
		require.NoError(t, <-swapped)

		ctx, cancel := context.WithCancel(t.Context())
		go func() { called <- goes(t.Context(), c, "Once", "until:"+gate+".never") }()
		rec.awaitFunc(func(lines []string, _ []error) bool { return strings.Count(strings.Join(lines, " "), "waiting") == 2 })
		require.NoError(t, p.Call("Lab.Pid", 0, &old))
		go func() { swapped <- p.Swap(ctx, path) }()
		eventually(t, "new calls go to the new process", func() string {
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			return fmt.Sprint(pid != old)
		}, "true")
		cancel()
		err := <-called
		require.ErrorIs(t, err, pingo.ErrSwapped)
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		require.NoError(t, <-swapped, "it is swapped nevertheless")
		within(t, "Stop", p.Stop)
	})
}

// What has not come to its end with the context of Swap is cancelled; GracePeriod is longer than the test may take.
func TestSwapCancelsCallsAfterItsContext(t *testing.T) {
	defer pingo.SetCallTime(1)()
	stoppedWith(t, "way", func(cfg *pingo.Config) { cfg.GracePeriod = 2 * patience }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		path, _ := program(t, "way")
		c := pingo.Bind(p, &wayContract)
		p.Start()
		once, again := make(chan error, 1), make(chan error, 1)
		go func() { once <- goes(t.Context(), c, "Once", "await") }()
		go func() { again <- goes(t.Context(), c, "Again", "await") }()
		awaiting := func(n int) {
			rec.awaitFunc(func(lines []string, _ []error) bool { return strings.Count(strings.Join(lines, " "), "awaiting") == n })
		}
		awaiting(2)
		var old, pid int
		require.NoError(t, p.Call("Lab.Pid", 0, &old))
		ctx, cancel := context.WithCancel(t.Context())
		swapped := make(chan error, 1)
		go func() { swapped <- p.Swap(ctx, path) }()
		eventually(t, "new calls go to the new process", func() string {
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			return fmt.Sprint(pid != old)
		}, "true")
		cancel()
		cancelled := func(err, why error) {
			t.Helper()
			require.ErrorAs(t, err, new(*pingo.CallError))
			require.Equal(t, pingo.Executed, pingo.FateOf(err))
			require.ErrorIs(t, err, why)
			require.ErrorIs(t, err, context.Canceled)
		}
		cancelled(<-once, pingo.ErrSwapped)
		require.NoError(t, <-swapped)
		awaiting(3) // it is made again with the new process
		within(t, "Stop", p.Stop)
		cancelled(<-again, pingo.ErrStopped)
	})
}

func TestReferencesEndWithASwap(t *testing.T) {
	stoppedWith(t, "keeper", func(*pingo.Config) {}, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		path, _ := program(t, "keeper")
		c := pingo.Bind(p, &keeperContract)
		p.Start()
		var old keeps
		require.NoError(t, c.CallContext(t.Context(), "Keeper.Open", &codec.Nothing{}, &old))
		was, err := old.pid(t.Context())
		require.NoError(t, err)
		ended := func() {
			t.Helper()
			_, err := old.pid(t.Context())
			require.ErrorIs(t, err, pingo.ErrSwapped)
			require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		}
		go func() { _ = p.Call("Lab.Hang", 0, nil) }()
		rec.await("hanging")
		patience, cancel := context.WithCancel(t.Context())
		defer cancel()
		swapped := make(chan error, 1)
		go func() { swapped <- p.Swap(patience, path) }()
		eventually(t, "new calls go to the new process", func() string {
			var pid int
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			return fmt.Sprint(pid != was)
		}, "true")
		eventually(t, "the old process takes leave", func() string { _, err := old.pid(t.Context()); return fmt.Sprint(err != nil) }, "true")
		ended()
		cancel()
		require.NoError(t, <-swapped)
		ended()
		within(t, "Stop", p.Stop)
	})
}
