package histogram

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A duration is known to an eighth.
func TestBuckets(t *testing.T) {
	last := 0
	for d := time.Duration(4); d < 30*time.Minute; d += d/16 + 1 {
		bucket := bucketOf(d)
		require.GreaterOrEqual(t, bucket, last)
		last = bucket
		require.InDelta(t, float64(d), float64(middleOf(bucket)), float64(d)/8+1)
	}
	require.Equal(t, size-1, bucketOf(24*time.Hour))
	require.Equal(t, bucketOf(0), bucketOf(4))
	require.Equal(t, bucketOf(-1), bucketOf(4))
}

// of returns the counts of these durations.
func of(list ...time.Duration) *Counts {
	var h Histogram
	for _, d := range list {
		h.Add(d)
	}
	c := h.Read()
	return &c
}

func TestQuantiles(t *testing.T) {
	var list []time.Duration
	for i := 1; i <= 100; i++ {
		list = append(list, time.Duration(i)*time.Millisecond)
	}
	c := of(list...)
	require.EqualValues(t, 100, c.N)
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		require.InDelta(t, float64(want*time.Millisecond), float64(c.Quantile(q)), float64(want*time.Millisecond)/8)
	}
	require.Zero(t, of().Quantile(0.5))
}

// Most of few is all of them.
func TestQuantilesOfFew(t *testing.T) {
	c := of(time.Millisecond, 2*time.Millisecond, 100*time.Millisecond)
	require.InEpsilon(t, time.Millisecond, c.Quantile(0), 0.13)
	require.InEpsilon(t, 2*time.Millisecond, c.Quantile(0.5), 0.13)
	require.InEpsilon(t, 100*time.Millisecond, c.Quantile(0.99), 0.13)
}
