package pingo

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A duration is known to an eighth.
func TestLatencyBuckets(t *testing.T) {
	last := 0
	for d := time.Duration(4); d < 30*time.Minute; d += d/16 + 1 {
		bucket := bucketOf(d)
		require.GreaterOrEqual(t, bucket, last)
		last = bucket
		require.InDelta(t, float64(d), float64(middleOf(bucket)), float64(d)/8+1)
	}
	require.Equal(t, latencyBuckets-1, bucketOf(24*time.Hour))
	require.Equal(t, bucketOf(0), bucketOf(4))
	require.Equal(t, bucketOf(-1), bucketOf(4))
}

func TestLatencyQuantiles(t *testing.T) {
	var m methodCounts
	for i := 1; i <= 100; i++ {
		m.total.Add(uint64(i) * uint64(time.Millisecond))
		m.buckets[bucketOf(time.Duration(i)*time.Millisecond)].Add(1)
	}
	l := m.read("").Latency
	require.Equal(t, 50500*time.Microsecond, l.Mean())
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		require.InDelta(t, float64(want*time.Millisecond), float64(l.Quantile(q)), float64(want*time.Millisecond)/8)
	}
}

// Most of few calls is all of them.
func TestLatencyQuantilesOfFewCalls(t *testing.T) {
	l := Latency{calls: 3}
	for _, d := range []time.Duration{time.Millisecond, 2 * time.Millisecond, 100 * time.Millisecond} {
		l.buckets[bucketOf(d)]++
	}
	require.InEpsilon(t, time.Millisecond, l.Quantile(0), 0.13)
	require.InEpsilon(t, 2*time.Millisecond, l.Quantile(0.5), 0.13)
	require.InEpsilon(t, 100*time.Millisecond, l.Quantile(0.99), 0.13)
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
		m.end(m.begin(), nil)
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	p := New(Config{})
	call := func(*link) error { return nil }
	s := &ready{Plugin: p}
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = deliver(context.Background(), s, "Greeter.SayHello", false, call) }))
}

// ready is a Plugin whose link is there.
type ready struct {
	*Plugin
	l link
}

func (r *ready) link(context.Context, *link) (*link, error) { return &r.l, nil }
