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
	// longYieldProcessor is the same for threads.
	longYieldProcessor = 500 * time.Microsecond
	// longTurn is what none of them takes to send something or to read.
	longTurn = 100 * time.Microsecond
	// maxPause bounds for how long there is no yield after long ones: as many times what the last one took. The first of
	// them has none, the next once, the next three times, and so on.
	maxPause = 31
)

// turns is how many calls of several callers were sent, and reads begun.
var turns atomic.Uint64

// Turn takes note that one of several callers sends something, or that somebody reads.
func Turn() { turns.Add(1) }

var goroutines, threads = yielder{limit: longYield}, yielder{limit: longYieldProcessor}

// Yield lets other goroutines run that are about to make calls, or have got something. Where that takes long because
// the processors have other things to do than calls, it is left out for a while.
func Yield() { goroutines.yield(runtime.Gosched) }

// YieldProcessor does the same for other threads that this processor runs.
func YieldProcessor() { threads.yield(schedYield) }

// yielder leaves out what takes long.
type yielder struct {
	limit  time.Duration
	paused atomic.Int64 // a clock.Instant: until then there are no yields
	long   atomic.Int64 // how many yields in a row were
}

func (y *yielder) yield(do func()) {
	begun, before := clock.Now(), turns.Load()
	if begun < clock.Instant(y.paused.Load()) {
		return
	}
	do()
	end := clock.Now()
	switch took := time.Duration(end - begun); {
	case took > y.limit && took > longTurn*time.Duration(turns.Load()-before):
		pause := min(maxPause, 1<<min(y.long.Add(1)-1, 16)-1)
		y.paused.Store(int64(end.After(took * time.Duration(pause))))
	case y.long.Load() != 0:
		y.long.Store(0)
	}
}
