package transport

import (
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// A processor that host and plugin share
//
// Who waits for a peer on the same processor gives it the processor (sched_yield) instead of going to sleep, and has it
// back in the same way. So nobody has to be woken up, which is half of the system calls of a small call, and most of
// what the kernel does.
//
// The processor is given to whoever wants it. A program that computes keeps it for its time slice, some milliseconds,
// while the kernel puts who was asleep before it. So giving is left out for a while where it takes long.

const (
	// maxGives is how often the processor is given away for one read. Another thread of either process may take a turn.
	maxGives = 4
	// longGive is longer than what a peer and threads around it take for a small call.
	longGive = 100 * time.Microsecond
	// maxRest bounds for how many times what a long give took none follows, as a power of two.
	maxRest = 8
)

// giver gives the processor away. It belongs to the one who reads.
type giver struct {
	luck
	long  uint          // how many gives in a row were
	until clock.Instant // none before
}

// give tells whether that for which the processor was given away is there.
func (g *giver) give(ready func() bool) bool {
	before := clock.Now()
	if before < g.until || !g.try() {
		return false
	}
	for range maxGives {
		schedYield()
		there := ready()
		now := clock.Now()
		took := time.Duration(now - before)
		before = now
		if took > longGive {
			g.long = min(g.long+1, maxRest)
			g.until = now.After(took << g.long)
			return there
		}
		if there {
			g.long = 0
			return g.note(true)
		}
	}
	return g.note(false)
}
