package pingo_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestMaxMessageIsALimit(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.MaxMessage = 100_000
	p := start(t, cfg)
	for _, err := range []error{p.Call("Lab.Echo", strings.Repeat("x", 100_000), nil), p.Call("Lab.Repeat", 100_000, nil)} {
		var limit *pingo.LimitError
		require.ErrorAs(t, err, &limit)
		require.Equal(t, "MaxMessage", limit.Limit)
		require.EqualValues(t, 100_000, limit.Value)
	}
}

func TestCallsLimit(t *testing.T) {
	cfg, rec := setup(t, "greeter")
	cfg.Limits.Calls = 3
	p := start(t, cfg)
	g := newGreeterClient(p)
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		calls.Go(func() { _, _ = g.Meet(ctx, name) })
		rec.await("waiting " + name + " false")
	}
	_, err := g.SayHello(t.Context(), "d")
	var limit *pingo.LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, pingo.LimitError{Limit: "Limits.Calls", Value: 3, Detail: "as many calls are unanswered"}, *limit)
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	cancel()
	calls.Wait()
}

// Who writes too much waits, whatever becomes of its lines, and loses nothing.
func TestOutputRate(t *testing.T) {
	cfg, rec := setup(t, "lab")
	cfg.Limits.OutputRate = 100_000
	p := start(t, cfg)
	began := time.Now()
	require.NoError(t, p.Call("Lab.Print", strings.Repeat(strings.Repeat("x", 99)+"\n", 4000), nil))
	require.Greater(t, time.Since(began), time.Second, "400 kB less a first 100 kB, and 64 KiB in the pipe")
	rec.awaitFunc(func(lines []string, errs []error) bool { return len(lines) == 4000 && len(errs) > 0 })
	_, errs, _ := rec.snapshot()
	require.Len(t, errs, 1, "told once")
	var limit *pingo.LimitError
	require.ErrorAs(t, errs[0], &limit)
	require.Equal(t, pingo.LimitError{Limit: "Limits.OutputRate", Value: 100_000}, *limit)
	require.ErrorContains(t, errs[0], "it has to wait: the limit Config.Limits.OutputRate of 100000 was exceeded")
}

// A plugin that floods its output does not hold Stop up, nor is what it wrote last lost.
func TestOutputRateDoesNotHoldStop(t *testing.T) {
	cfg, rec := setup(t, "lab")
	cfg.Limits.OutputRate = 1000
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Print", strings.Repeat("x\n", 2000)+"last\n", nil))
	within(t, "Stop", p.Stop)
	rec.await("last")
}
