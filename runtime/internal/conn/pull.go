package conn

import (
	"errors"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Who waits for a stream reads
//
// Who reads a stream, or waits for room to send more, takes the reader role if it is free, as a caller
// does: otherwise each bit that comes has one goroutine, and mostly one thread, wake up another. It reads for a
// short time only, since it may be told by others that there is nothing to wait for, and then leaves
// the role to a background reader. That one gives it back as soon as it has read what the other waits for,
// if nobody else waits.
//
// In between, the role is free. If others have to wait then, because the streams of this connection
// are slow, or both sides write and none reads, the watcher finds out, and streams leave the reading to
// a background reader for ever longer.

// caution is for who waits for streams. It is guarded by Conn.mu.
type caution struct {
	free bool // who pulled has freed the role
	left int  // how many times more nobody pulls
	last int  // how many times it was at first
}

const (
	minCaution = 64
	maxCaution = 4096
)

// relieved is for a background reader that the watcher has started because nobody pulled for a while,
// and takes note of how long it has waited for the first frame.
func (c *Conn) relieved(waited time.Duration) {
	if waited > 100*time.Microsecond {
		return // nothing was held up
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.role.caution
	s.last = min(max(2*s.last, minCaution), maxCaution)
	s.left = s.last
}

// minGoal is how long a buffer is that is worth to be read to: others are better filled from a piece.
const minGoal = 16 << 10

// pull reads until changed is closed, or for a short time, if the role is free. Bytes of the stream id
// go to buf, as far as there is room and nothing came before.
func (c *Conn) pull(id uint64, buf []byte, changed <-chan struct{}) {
	if !c.startPulling() {
		return
	}
	if isClosed(changed) { // who had the role has seen to it
		c.stopPulling(false)
		return
	}
	if len(buf) >= minGoal {
		c.in.goal = goal{id, buf}
	}
	for stop := false; !stop || c.in.ready(); {
		m, err := c.in.next()
		if errors.Is(err, transport.ErrNothing) {
			c.stopPulling(true)
			return
		}
		if err == nil {
			err = c.handle(m)
		}
		if err != nil {
			c.in.goal = goal{}
			c.fail(err)
			return
		}
		// A reply may be the end of the stream, which its caller tells.
		if stop = stop || m.Kind == frame.Reply || isClosed(changed); stop {
			c.in.goal = goal{}
		}
	}
	c.stopPulling(false)
}

func (c *Conn) startPulling() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := &c.role.caution; s.left > 0 {
		s.left--
		return false
	}
	if c.role.holder != free || c.err != nil {
		return false
	}
	c.takeLocked(leading, transport.Brief|transport.Spin)
	return true
}

func (c *Conn) stopPulling(early bool) {
	c.in.goal = goal{}
	c.mu.Lock()
	defer c.mu.Unlock()
	if early {
		c.startBackgroundLocked(nil)
		return
	}
	c.passLocked()
	c.role.caution.free = c.role.holder == free
}

// handle does what a message asks for, whatever it is.
func (c *Conn) handle(m message) error {
	if m.Kind != frame.Call {
		return c.dispatch(m)
	}
	in, err := c.accept(m, false)
	if err == nil {
		go c.serve(in)
	}
	return err
}

// handOver frees the role of a background reader if what it has just read is for who would have pulled it, and nobody
// else waits.
func (c *Conn) handOver() bool {
	if !c.in.pulled || c.in.ready() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.role.waiting != nil || c.role.others != 1 || c.role.caution.left > 0 || c.err != nil {
		return false
	}
	c.freeLocked()
	c.role.caution.free = true
	return true
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
