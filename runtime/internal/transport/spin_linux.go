package transport

import (
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// spinFor is how long a spin lasts: some times what a small call takes.
	spinFor = 40 * time.Microsecond
	// maxSkip bounds the spins that are left out after others were in vain, as a power of two.
	maxSkip = 8
)

// spinners counts those who spin in this process: at most one for two processors,
// as goroutines that have something to do cannot take a processor from them.
var spinners atomic.Int32

// spinner decides whether it is worth to spin. It leaves out the more spins the more were in vain.
type spinner struct {
	vain uint // how many in a row were
	skip uint // how many more are left out
	max  int32
}

func newSpinner() spinner { return spinner{max: int32(runtime.GOMAXPROCS(0) / 2)} }

// begin tells whether to spin. If so, end follows.
func (s *spinner) begin() bool {
	if s.skip > 0 {
		s.skip--
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
	if useful {
		s.vain = 0
		return true
	}
	s.vain = min(s.vain+1, maxSkip)
	s.skip = 1<<s.vain - 1
	return false
}
