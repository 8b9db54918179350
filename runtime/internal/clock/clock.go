// Package clock tells monotonic time alone, in half of what time.Now takes, and waits no longer than what is waited for
// can be expected to take.
package clock

import (
	"context"
	"time"
)

var started = time.Now()

// Instant is a moment of this process, as the time since it began.
type Instant time.Duration

// Now is the current moment.
func Now() Instant { return Instant(time.Since(started)) }

// After is d later than i, or as late as can be told.
func (i Instant) After(d time.Duration) Instant {
	if later := i + Instant(d); d <= 0 || later > i {
		return later
	}
	return 1<<63 - 1
}

// Left is how long it is until i, negative if that is over.
func (i Instant) Left() time.Duration { return time.Duration(i - Now()) }

// Time is i by the clock on the wall, as it goes now.
func (i Instant) Time() time.Time { return time.Now().Add(i.Left()) }

// steps is in how many parts Wait waits.
const steps = 8

// Wait waits for an event, as long as ctx does not end, and tells whether it came in time. It counts the time in which this program
// runs: when all of it is stopped, or gets no processor, the time that has passed meanwhile says nothing of how long the
// others take. So a step begins when the one before is known to be over, and a pause takes one of them, however long it is.
func Wait(ctx context.Context, event <-chan struct{}, atMost time.Duration) bool {
	for left, step := atMost, max(atMost/steps, 1); left > 0; left -= step {
		select {
		case <-event:
			return true
		case <-ctx.Done():
			return false
		case <-time.After(min(step, left)):
		}
	}
	select {
	case <-event:
		return true
	default:
		return false
	}
}
