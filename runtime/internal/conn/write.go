package conn

import (
	"context"
	"math"
	"runtime"
	"sync"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

const (
	// maxWaiting is how many bytes of frames wait for a peer that does not read
	// before senders wait too.
	maxWaiting = 1 << 20
	// keepWaiting is how much of a buffer is kept for reuse.
	keepWaiting = 128 << 10
	// corkLimit is how many bytes a corked sender may leave behind.
	corkLimit = 32 << 10
	// maxRounds is how many times who sends writes for itself and others, before
	// it leaves that to a goroutine: its context may end.
	maxRounds = 8
)

// tryWriter is a stream that can write without blocking. What it does not take,
// a goroutine of the connection writes, so that neither a caller nor a handler
// ever waits for a peer that does not read.
type tryWriter interface {
	// TryWrite writes what the system takes at once, which may be nothing.
	TryWrite(p []byte) (int, error)
}

// writer has the writer role: busy is set by who takes it, and only the holder writes.
type writer struct {
	stream transport.Stream
	fail   func(error)
	spawn  func(func())

	mu      sync.Mutex // protects following
	busy    bool
	waiting []byte          // whole frames, in the order of their sending
	spare   []byte          // the other buffer, empty
	changed chan struct{}   // closed when busy or waiting shrink; nil if nobody wants to know
	large   []chan struct{} // those who wait to write a large message; closed when the role is theirs
	err     error
}

// send queues one frame and writes unless somebody does already. If gather is
// set, others get a chance to add theirs first. If cork is set, writing is left
// to a later send or flush. It fails only when the connection has ended, or when
// ctx does while too much waits; the frame is not sent then.
func (w *writer) send(ctx context.Context, f []byte, gather, cork bool) error {
	w.mu.Lock()
	for len(w.waiting) > maxWaiting && w.err == nil {
		if err := w.waitLocked(ctx); err != nil {
			w.mu.Unlock()
			return err
		}
	}
	if w.err != nil {
		w.mu.Unlock()
		return w.err
	}
	w.waiting = append(w.waiting, f...)
	if w.busy || cork && len(w.waiting) < corkLimit {
		w.mu.Unlock()
		return nil
	}
	w.busy = true
	w.mu.Unlock()
	if gather {
		runtime.Gosched()
	}
	w.write()
	return nil
}

// sendData is send for the header and the payload of a frame that stand apart. It
// waits earlier, so that a stream does not grow the buffers beyond what is kept.
func (w *writer) sendData(h frame.Header, p []byte) error {
	var header [frame.HeaderSize]byte
	h.Put(header[:])
	w.mu.Lock()
	for len(w.waiting)+len(header)+len(p) > keepWaiting && w.err == nil {
		_ = w.waitLocked(context.Background()) // ends with the connection
	}
	err := w.err
	w.waiting = append(append(w.waiting, header[:]...), p...)
	w.mu.Unlock()
	if err == nil {
		w.flush()
	}
	return err
}

// post queues a frame for which nobody waits.
func (w *writer) post(f []byte) { w.postUnless(math.MaxInt, f) }

// postUnless is post unless more than limit bytes wait.
func (w *writer) postUnless(limit int, f []byte) {
	w.mu.Lock()
	if len(w.waiting) <= limit {
		w.waiting = append(w.waiting, f...)
	}
	w.mu.Unlock()
	w.flush()
}

// flush writes what corked senders left.
func (w *writer) flush() {
	w.mu.Lock()
	if w.busy || len(w.waiting) == 0 {
		w.mu.Unlock()
		return
	}
	w.busy = true
	w.mu.Unlock()
	w.write()
}

// write writes until nothing waits and gives the role back. Where the stream
// would block, or others go on and on, it leaves the rest and the role to a goroutine.
func (w *writer) write() {
	try, _ := w.stream.(tryWriter)
	for round := 0; ; round++ {
		buf := w.nextOrRelease()
		if buf == nil {
			return
		}
		n := 0
		if try != nil && round < maxRounds {
			var err error
			if n, err = try.TryWrite(buf); err != nil {
				w.fail(err)
				return
			}
		}
		if n < len(buf) {
			w.writeLater(buf[n:])
			return
		}
		w.recycle(buf)
	}
}

// writeLater writes rest and then all that waits on a goroutine that has the role.
func (w *writer) writeLater(rest []byte) {
	w.spawn(func() {
		for buf := rest; buf != nil; buf = w.nextOrRelease() {
			if _, err := w.stream.Write(buf); err != nil {
				w.fail(err)
				return
			}
			w.recycle(buf)
		}
	})
}

// writeWaiting writes what waits now and keeps the role.
func (w *writer) writeWaiting() error {
	w.mu.Lock()
	buf := w.nextLocked()
	w.mu.Unlock()
	if buf == nil {
		return nil
	}
	if _, err := w.stream.Write(buf); err != nil {
		return err
	}
	w.recycle(buf)
	return nil
}

// nextOrRelease takes what waits. If that is nothing, or if a large message is to
// go first, it gives the role away and returns nil.
func (w *writer) nextOrRelease() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.large) > 0 {
		close(w.large[0])
		w.large = w.large[1:]
		return nil
	}
	buf := w.nextLocked()
	w.busy = buf != nil
	return buf
}

func (w *writer) nextLocked() []byte {
	w.changedLocked()
	if len(w.waiting) == 0 || w.err != nil {
		return nil
	}
	buf := w.waiting
	w.waiting, w.spare = w.spare, nil
	return buf
}

// recycle keeps a written buffer for later frames.
func (w *writer) recycle(buf []byte) {
	if cap(buf) > keepWaiting {
		return
	}
	w.mu.Lock()
	w.spare = buf[:0]
	w.mu.Unlock()
}

// acquire takes the writer role for the writer of a large message, who writes
// what waits between the chunks and ends with write.
func (w *writer) acquire() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.busy || w.err != nil {
		w.busy = true
		return w.err
	}
	turn := make(chan struct{})
	w.large = append(w.large, turn)
	w.mu.Unlock()
	<-turn
	w.mu.Lock()
	return w.err
}

// idle waits until everything is written.
func (w *writer) idle(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for (w.busy || len(w.waiting) > 0) && w.err == nil {
		if err := w.waitLocked(ctx); err != nil {
			return err
		}
	}
	return w.err
}

// stop wakes everybody who waits; sends fail with err from now on.
func (w *writer) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
	w.changedLocked()
	for _, turn := range w.large {
		close(turn)
	}
	w.large = nil
}

// waitLocked waits for a change. It unlocks meanwhile.
func (w *writer) waitLocked(ctx context.Context) error {
	if w.changed == nil {
		w.changed = make(chan struct{})
	}
	changed := w.changed
	w.mu.Unlock()
	defer w.mu.Lock()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) changedLocked() {
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}
