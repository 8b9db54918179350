package clock

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestInstants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, end := time.Now(), Now().After(time.Minute)
		require.Equal(t, time.Minute, end.Left())
		require.Equal(t, begun.Add(time.Minute), end.Time())
		time.Sleep(time.Hour)
		require.Equal(t, time.Minute-time.Hour, end.Left())
		require.Equal(t, begun.Add(time.Minute), end.Time())
		require.Equal(t, end, end.After(0))
		require.Equal(t, end-Instant(time.Second), end.After(-time.Second))
	})
}

// A peer may send any time that is left.
func TestInstantsBeyondTheEnd(t *testing.T) {
	require.Equal(t, Instant(1<<63-1), Now().After(1<<63-1))
	require.Positive(t, Now().After(1<<63-1).Left())
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		Now()
	}
}

func BenchmarkTimeNow(b *testing.B) {
	for b.Loop() {
		time.Now()
	}
}
