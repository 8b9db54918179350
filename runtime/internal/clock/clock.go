// Package clock tells monotonic time alone, in half of what time.Now takes.
package clock

import "time"

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
