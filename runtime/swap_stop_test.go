package pingo_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestStopWhileANewProcessIsAskedForItsHealth(t *testing.T) {
	path := executables(t, "one", "numb")
	stoppedWith(t, "variant", func(cfg *pingo.Config) { cfg.Path = path("one") }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		swapped := make(chan error, 1)
		go func() { swapped <- p.Swap(context.Background(), path("numb")) }()
		rec.await("asked")
		within(t, "Stop", p.Stop)
		require.ErrorIs(t, <-swapped, pingo.ErrStopped)
	})
}

func TestStopDuringASwap(t *testing.T) {
	path := executables(t, "one", "silent")
	stoppedWith(t, "variant", func(cfg *pingo.Config) { cfg.Path = path("one") }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		swapped := make(chan error, 1)
		go func() { swapped <- p.Swap(t.Context(), path("silent")) }()
		eventually(t, "it starts", func() string { return fmt.Sprint(len(strings.Fields(children(t))) != 1) }, "true")
		within(t, "Stop", p.Stop)
		require.ErrorIs(t, <-swapped, pingo.ErrStopped)
	})
}

// A plugin that has ended for good does not wait longer than its grace for a process that was swapped out.
func TestEndWhileAnOldProcessHangs(t *testing.T) {
	path := executables(t, "one", "two")
	check := nothingRemains(t)
	cfg, rec := setup(t, "variant")
	cfg.Path, cfg.GracePeriod = path("one"), 50*time.Millisecond
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	hung, swapped := make(chan error, 1), make(chan error, 1)
	go func() { hung <- p.Call("Lab.Hang", 0, nil) }()
	rec.await("hanging")
	old := pidOf(t, p)
	go func() { swapped <- p.Swap(context.Background(), path("two")) }()
	eventually(t, "new calls go to the new process", func() string { return fmt.Sprint(pidOf(t, p) != old) }, "true")
	require.Error(t, p.Call("Lab.Exit", 1, nil))
	wait(t, "the end", p.Done())
	require.ErrorAs(t, p.Err(), new(*pingo.CrashError))
	require.ErrorIs(t, <-hung, pingo.ErrSwapped)
	require.NoError(t, <-swapped)
	check()
}
