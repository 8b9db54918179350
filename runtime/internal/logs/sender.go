package logs

import (
	"errors"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/conn"
)

const (
	window      = 64        // calls with records that are sent before the first of them is answered
	drainWindow = 1024      // the same, when the connection is about to end and nothing can wait
	maxWaiting  = 256 << 10 // bytes of records that wait for an answer
	maxBatch    = 24 << 10  // bytes of records in one call, unless one is larger
	retryTime   = 10 * time.Millisecond
	askInterval = time.Second // between questions for the level, while records are dropped
)

// Sender sends records, as long as the host answers at once each with a call of its own, which is
// written before who logs goes on: also what is logged just before the program exits arrives. Otherwise records
// wait, and go together.
type Sender struct {
	connected atomic.Bool
	level     atomic.Int64 // the lowest that the host takes
	asked     atomic.Bool  // for the level, a short while ago

	mu       sync.Mutex // protects following
	conn     *conn.Conn
	limit    int    // of a message
	seq      uint64 // of the next call
	flying   int    // calls without an answer
	draining bool
	pending  [][]byte // encoded
	size     int      // of pending
	dropped  int      // records, since the host was told last
	retrying bool
	flushed  []func() // to be called when nothing waits any more
}

// Connect has records go over c, to a host that serves Contract, in messages of limit bytes at most.
func (s *Sender) Connect(c *conn.Conn, limit int) {
	s.mu.Lock()
	s.conn, s.limit = c, limit
	s.level.Store(math.MinInt64) // until it is known
	s.mu.Unlock()
	s.connected.Store(true)
}

// takes tells whether the host wants records of a level. If not, that may have
// changed: it is asked now and then.
func (s *Sender) takes(level slog.Level) bool {
	if int64(level) >= s.level.Load() {
		return true
	}
	if !s.asked.Load() && s.asked.CompareAndSwap(false, true) {
		time.AfterFunc(askInterval, func() { s.asked.Store(false) })
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.flying == 0 { // otherwise an answer is on its way
			_ = s.sendLocked(nil)
		}
	}
	return false
}

// add sends a record, or lets it wait. It returns false if there is no connection any more.
func (s *Sender) add(record []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(record) > s.limit/2 || s.size+len(record) > maxWaiting && len(s.pending) > 0 {
		s.dropped++
		return true
	}
	s.pending = append(s.pending, record)
	s.size += len(record)
	return s.flushLocked()
}

// Flush sends what waits before the connection ends, and then calls flushed.
func (s *Sender) Flush(flushed func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	s.flushed = append(s.flushed, flushed)
	s.flushLocked()
}

// Draining tells whether Flush was called.
func (s *Sender) Draining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// flushLocked sends what waits, as far as it can.
func (s *Sender) flushLocked() bool {
	alive := s.sendAllLocked()
	if waits := len(s.pending) > 0 || s.dropped > 0; !waits || s.flying == 0 && !s.retrying { // in vain: nothing will come to try again
		for _, f := range s.flushed {
			f()
		}
		s.flushed = nil
	}
	return alive
}

func (s *Sender) sendAllLocked() bool {
	for (len(s.pending) > 0 || s.dropped > 0) && s.flying < s.windowLocked() {
		n, size := 0, 0
		for n < len(s.pending) && (n == 0 || size+len(s.pending[n]) <= min(maxBatch, s.limit/2)) {
			size += len(s.pending[n])
			n++
		}
		err := s.sendLocked(s.pending[:n])
		if errors.Is(err, conn.ErrBusy) {
			s.retryLocked()
			return true
		}
		s.pending = s.pending[n:]
		s.size -= size
		if err != nil {
			s.connected.Store(s.conn.Err() == nil)
			s.dropped += n
			return s.conn.Err() == nil
		}
		s.dropped = 0
	}
	return true
}

func (s *Sender) windowLocked() int {
	if s.draining {
		return drainWindow
	}
	return window
}

// sendLocked begins a call. Without records it only asks for the level.
func (s *Sender) sendLocked(records [][]byte) error {
	var a answer
	args := &batch{seq: s.seq, dropped: s.dropped, records: records}
	err := s.conn.Begin(method, args, &a, func(_ conn.Fate, err error) {
		if err == nil {
			s.level.Store(a.lowest)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.flying--
		s.flushLocked()
	})
	if err == nil {
		s.seq++
		s.flying++
	}
	return err
}

// retryLocked sees to it that what waits is sent, also if no answer comes to do that.
func (s *Sender) retryLocked() {
	if s.flying > 0 || s.retrying {
		return
	}
	s.retrying = true
	time.AfterFunc(retryTime, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.retrying = false
		s.flushLocked()
	})
}
