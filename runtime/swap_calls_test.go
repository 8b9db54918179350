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
	stoppedWith(t, "way", func(cfg *pingo.Config) { cfg.GracePeriod = patience }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
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
