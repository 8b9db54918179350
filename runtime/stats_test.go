package pingo_test

import (
	"encoding/json"
	"expvar"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestStats(t *testing.T) {
	cfg, rec := setup(t, "greeter")
	cfg.GracePeriod = 100 * time.Millisecond // for a call that does not end
	p := pingo.New(cfg)
	require.Empty(t, p.Stats().Methods)
	g := newGreeterClient(p)
	_, err := g.SayHello(t.Context(), "too early")
	require.ErrorIs(t, err, pingo.ErrNotStarted)
	p.Start()
	t.Cleanup(p.Stop)
	const calls = 8
	var all sync.WaitGroup
	for range calls {
		all.Go(func() { _, _ = g.SayHello(t.Context(), "you") })
	}
	all.Wait()
	_, err = g.SayHello(t.Context(), "fail:no luck")
	require.EqualError(t, err, "no luck")
	ended := make(chan error)
	go func() {
		_, err := g.Meet(t.Context(), "long")
		ended <- err
	}()
	rec.await("waiting long false")

	s := p.Stats()
	require.Equal(t, p.String(), s.Plugin)
	require.Len(t, s.Methods, 2)
	meet, hello := s.Methods[0], s.Methods[1]
	require.Equal(t, "Greeter.Meet", meet.Method)
	require.Equal(t, int64(1), meet.Running)
	require.Zero(t, meet.Calls)
	require.Zero(t, meet.Latency.Mean())
	require.Zero(t, meet.Latency.Quantile(0.5))
	require.Equal(t, pingo.MethodStats{Method: "Greeter.SayHello", Calls: calls + 2, Errors: 1, Failed: 1, Latency: hello.Latency}, hello)
	require.Positive(t, hello.Latency.Mean())
	require.LessOrEqual(t, hello.Latency.Quantile(0.5), hello.Latency.Quantile(1))

	p.Stop()
	require.Error(t, <-ended)
	require.Equal(t, uint64(1), p.Stats().Methods[0].Failed, "it can be read after the end")
	require.Zero(t, p.Stats().Methods[0].Running)

	name := fmt.Sprintf("greeter %p", p) // once for each run of the test
	expvar.Publish(name, expvar.Func(func() any { return p.Stats() }))
	var read struct {
		Methods []struct {
			Method  string
			Calls   int
			Latency map[string]float64
		}
	}
	require.NoError(t, json.Unmarshal([]byte(expvar.Get(name).String()), &read))
	require.Equal(t, "Greeter.SayHello", read.Methods[1].Method)
	require.Equal(t, calls+2, read.Methods[1].Calls)
	require.Positive(t, read.Methods[1].Latency["p99_us"])
}
