package transport

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

const (
	// longYield is what others who make calls hardly ever take, and a goroutine that computes always.
	longYield = 5 * time.Millisecond
	// longTurn is what none of them takes to send something or to read.
	longTurn = 100 * time.Microsecond
	// maxPause bounds for how long there is no yield after long ones: as many times what the last one took. The first of
	// them has none, the next once, the next three times, and so on.
	maxPause = 31
)

var (
	turns  atomic.Uint64 // how many calls of several callers were sent, and reads begun
	paused atomic.Int64  // a clock.Instant: until then there are no yields
	long   atomic.Int64  // how many yields in a row were
)

// Turn takes note that one of several callers sends something.
func Turn() { turns.Add(1) }

// Yield lets other goroutines run that are about to make calls, or have got something. Where that takes long because
// the processors have other things to do than calls, it is left out for a while.
func Yield() {
	begun, before := clock.Now(), turns.Load()
	if begun < clock.Instant(paused.Load()) {
		return
	}
	runtime.Gosched()
	end := clock.Now()
	switch took := time.Duration(end - begun); {
	case took > longYield && took > longTurn*time.Duration(turns.Load()-before):
		pause := min(maxPause, 1<<min(long.Add(1)-1, 16)-1)
		paused.Store(int64(end.After(took * time.Duration(pause))))
	case long.Load() != 0:
		long.Store(0)
	}
}
