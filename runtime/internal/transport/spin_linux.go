package transport

import (
	"runtime"
	"sync/atomic"
	"time"
)

// spinFor is how long a spin lasts: some times what a small call takes.
const spinFor = 40 * time.Microsecond

// spinners counts those who spin in this process: at most one for two processors,
// as goroutines that have something to do cannot take a processor from them.
var spinners atomic.Int32

// spinner decides whether it is worth to spin.
type spinner struct {
	luck
	max int32
}

func newSpinner() spinner { return spinner{max: int32(runtime.GOMAXPROCS(0) / 2)} }

// begin tells whether to spin. If so, end follows.
func (s *spinner) begin() bool {
	if !s.try() {
		return false
	}
	if spinners.Add(1) <= s.max {
		return true
	}
	spinners.Add(-1)
	return false
}

// end takes note of what a spin brought, and returns it.
func (s *spinner) end(useful bool) bool {
	spinners.Add(-1)
	return s.note(useful)
}

// luck decides whether to try what may be in vain. It leaves out the more tries the more were.
type luck struct {
	vain uint // how many in a row were
	skip uint // how many more are left out
}

// maxSkip bounds the tries that are left out after others were in vain, as a power of two.
const maxSkip = 8

func (l *luck) try() bool {
	if l.skip > 0 {
		l.skip--
		return false
	}
	return true
}

// note takes note of what a try brought, and returns it.
func (l *luck) note(useful bool) bool {
	if useful {
		l.vain = 0
		return true
	}
	l.vain = min(l.vain+1, maxSkip)
	l.skip = 1<<l.vain - 1
	return false
}
