package clock

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWait(t *testing.T) {
	for name, test := range map[string]struct {
		comes, ends time.Duration // the event, and the context; 0 for never
		want        bool
		took        time.Duration
	}{
		"there":          {comes: -1, want: true},
		"comes":          {comes: 59 * time.Second, want: true, took: 59 * time.Second},
		"too late":       {comes: time.Hour, took: time.Minute},
		"never":          {took: time.Minute},
		"not waited for": {comes: time.Second, ends: time.Millisecond, took: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				event := make(chan struct{})
				switch {
				case test.comes < 0:
					close(event)
				case test.comes > 0:
					time.AfterFunc(test.comes, func() { close(event) })
				}
				if test.ends > 0 {
					time.AfterFunc(test.ends, cancel)
				}
				begun := time.Now()
				require.Equal(t, test.want, Wait(ctx, event, time.Minute))
				require.Equal(t, test.took, time.Since(begun))
				time.Sleep(time.Hour)
			})
		})
	}
}

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
