// Package histogram counts durations without keeping them. Of those that it has counted, each is
// known to an eighth.
package histogram

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// size is four buckets for each power of two of nanoseconds, up to half an hour.
const size = 4 * 41

func bucketOf(d time.Duration) int {
	n := uint64(max(d, 4))
	exponent := bits.Len64(n) - 1
	return min(4*exponent+int(n>>(exponent-2)&3), size-1)
}

// middleOf is the middle of a bucket.
func middleOf(bucket int) time.Duration {
	exponent := bucket / 4
	quarter := uint64(1) << exponent / 4
	return time.Duration(uint64(1)<<exponent + quarter*uint64(bucket%4) + quarter/2)
}

// Histogram counts durations, for any number of goroutines at once. The zero value is ready.
type Histogram struct {
	buckets [size]atomic.Uint64
}

// Add counts a duration.
func (h *Histogram) Add(d time.Duration) { h.buckets[bucketOf(d)].Add(1) }

// Read returns what was counted until now.
func (h *Histogram) Read() (c Counts) {
	for i := range h.buckets {
		n := h.buckets[i].Load()
		c.buckets[i] = n
		c.N += n
	}
	return c
}

// Counts is what a Histogram has counted until some time.
type Counts struct {
	N       uint64 // how many durations
	buckets [size]uint64
}

// Quantile returns the duration which the fraction q of all did not exceed, 0 if there are none.
func (c *Counts) Quantile(q float64) time.Duration {
	if c.N == 0 {
		return 0
	}
	rank, seen := max(1, uint64(math.Ceil(q*float64(c.N)))), uint64(0)
	for i, n := range c.buckets {
		if seen += n; seen >= rank {
			return middleOf(i)
		}
	}
	return middleOf(size - 1)
}
