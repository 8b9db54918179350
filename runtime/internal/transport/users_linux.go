package transport

import "sync/atomic"

// users counts those who use what a Close lets go of: the last of them does.
type users struct{ n atomic.Int64 } // plus closed, plus gone

const (
	closed = 1 << 32 // nobody may use it any more
	gone   = 1 << 33 // it was let go of
)

// enter adds a user, and tells whether it may use anything. It has to leave in any case.
func (u *users) enter() (open bool) { return u.n.Add(1)&closed == 0 }

// leave tells whether that was the last one after close, which is told once: those who still come, and find it closed,
// leave as well.
func (u *users) leave() (last bool) {
	return u.n.Add(-1) == closed && u.n.CompareAndSwap(closed, closed|gone)
}

// close has nobody enter any more. Who is the first to call it becomes a user.
func (u *users) close() (first bool) {
	for {
		n := u.n.Load()
		if n&closed != 0 {
			return false
		}
		if u.n.CompareAndSwap(n, n+closed+1) {
			return true
		}
	}
}

func (u *users) isClosed() bool { return u.n.Load()&closed != 0 }
