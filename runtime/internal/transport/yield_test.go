package transport

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// Where a goroutine computes, to yield to it takes what the scheduler gives it, and is left out for a while.
func TestYieldIsLeftOutWhereOthersCompute(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	pauses := func() time.Duration { return clock.Instant(paused.Load()).Left() }
	for pauses() > 0 { // of another test
		time.Sleep(pauses())
	}
	var stop atomic.Bool
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for !stop.Load() {
		}
	}()
	for range 1000 {
		Yield()
	}
	require.Greater(t, long.Load(), int64(1))
	require.Less(t, long.Load(), int64(100), "most are left out")
	stop.Store(true)
	<-stopped
	for long.Load() > 0 {
		time.Sleep(max(0, pauses()))
		Yield()
	}
}

// To yield to many callers may take long, and is what has them served together.
func TestYieldToCallersIsNotLeftOut(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	long.Store(0)
	paused.Store(0)
	go func() {
		for range 1000 {
			Turn()
		}
		for begun := time.Now(); time.Since(begun) < 2*longYield; { // in all
		}
	}()
	Yield()
	require.Zero(t, long.Load())
	require.Zero(t, paused.Load())
}
