package transport

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// Where a goroutine computes, to yield to it takes what the scheduler gives it, and is left out for a while.
func TestYieldIsLeftOutWhereOthersCompute(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	pauses := func() time.Duration { return clock.Instant(goroutines.paused.Load()).Left() }
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
	require.Greater(t, goroutines.long.Load(), int64(1))
	require.Less(t, goroutines.long.Load(), int64(100), "most are left out")
	stop.Store(true)
	<-stopped
	for goroutines.long.Load() > 0 {
		time.Sleep(max(0, pauses()))
		Yield()
	}
}

// To yield to many callers may take long, and is what has them served together.
func TestYieldToCallersIsNotLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := yielder{limit: longYield}
		y.paused.Store(int64(clock.Now())) // which is before the program began, here
		done := 0
		for range 10 {
			y.yield(func() {
				done++
				for range 1000 {
					Turn()
				}
				time.Sleep(2 * longYield) // in all
			})
		}
		require.Equal(t, 10, done)
		require.Zero(t, y.long.Load())
	})
}

// What takes long is left out ever more often, and no longer when it is quick again.
func TestYielderLeavesOutWhatTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		y := yielder{limit: longYieldProcessor}
		y.paused.Store(int64(clock.Now())) // as above
		done, takes := 0, 2*longYieldProcessor
		yield := func() {
			y.yield(func() { done++; time.Sleep(takes) })
			time.Sleep(longYieldProcessor)
		}
		for range 200 {
			yield()
		}
		require.Greater(t, done, 5)
		require.Less(t, done, 20)
		takes = 0
		time.Sleep(maxPause * 2 * longYieldProcessor)
		done = 0
		for range 200 {
			yield()
		}
		require.Equal(t, 200, done)
	})
}
