package pingo

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/clock"
)

func TestMeanLatency(t *testing.T) {
	var m methodCounts
	for i := 1; i <= 100; i++ {
		m.total.Add(uint64(i) * uint64(time.Millisecond))
		m.latency.Add(time.Duration(i) * time.Millisecond)
	}
	s := m.read("")
	require.Equal(t, uint64(100), s.Calls)
	require.Equal(t, 50500*time.Microsecond, s.Latency.Mean())
}

// Names that somebody makes up do not fill the memory.
func TestCountsAreBounded(t *testing.T) {
	var c counts
	for i := range maxCounted + 10 {
		c.of(fmt.Sprint(i)).begin()
	}
	require.Len(t, *c.known.Load(), maxCounted+1)
	require.Equal(t, uint64(10), c.of("one more").begun.Load())
}

// What counting and the question for interceptors cost each call.
func BenchmarkCounting(b *testing.B) {
	p := New(Config{})
	b.ReportAllocs()
	for b.Loop() {
		if len(p.interceptors()) > 0 {
			b.Fatal()
		}
		m := p.counted("Greeter.SayHello")
		begun := clock.Now()
		m.begin()
		m.end(begun, nil)
	}
}

func TestRequestAllocatesNothing(t *testing.T) {
	b := Bind(&absent{Plugin: New(Config{})}, &codec.Contract{Name: "Greeter"})
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = b.CallContext(context.Background(), "Greeter.SayHello", nil, nil) }))
}

// absent is a Plugin that cannot be called, and does not even say so: errors are allocations.
type absent struct{ *Plugin }

func (*absent) link(context.Context, *link) (*link, error) { return nil, ErrStopped }

func (*absent) refused(string, error) error { return nil }
