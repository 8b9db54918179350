package conn

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

const (
	// maxWaiting is how many bytes of frames wait for a peer that does not read
	// before senders wait too.
	maxWaiting = 1 << 20
	// maxUnread is how many bytes may wait that nobody waits for: only a peer that asks
	// for them and does not read gets there.
	maxUnread = 64 << 20
	// keepWaiting is how much of a buffer is kept for reuse.
	keepWaiting = 128 << 10
	// corkLimit is how many bytes senders may leave behind for somebody else to write.
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
//
// Callers that are not alone do not write each for itself. Who finds that less frames wait than are to be gathered lets others go
// first, and is coming: until it is back, others leave theirs to it, unless there are enough. Where all are to be gathered, since
// the peer needs this processor to go on, they are left to who reads, as long as that is attending: before it waits for the peer, it
// lets all callers go first that have got their replies.
type writer struct {
	stream transport.Stream
	fail   func(error)
	end    func(error)       // ends the connection at once
	spawn  func(func()) bool // false if the connection has ended, and nothing runs
	heard  int               // sends when who reads came back from the peer; guarded by the reader role

	mu       sync.Mutex // protects following
	busy     bool
	attended bool            // who reads does not wait for the peer, and looks before it does; if nobody reads, the next caller will. Set by who reads
	coming   bool            // somebody lets others go first, and then writes
	waiting  []byte          // whole frames, in the order of their sending
	sends    int             // how many were sent by send so far
	taken    int             // how many of them do not wait any more
	parcels  []parcel        // descriptors that go along with them
	spare    []byte          // the other buffer, empty
	changed  chan struct{}   // closed when busy or waiting shrink; nil if nobody wants to know
	large    []chan struct{} // those who wait to write a large message; closed when the role is theirs
	err      error
}

// send queues one frame and writes unless somebody does already. If less than gather frames wait, others get a chance to
// add theirs first: see writer. If cork is set, writing is left to a later send or flush. It fails only when the connection has ended, or when
// ctx does while too much waits; the frame is not sent then, and the files that go
// along with it stay the caller's.
func (w *writer) send(ctx context.Context, f []byte, files codec.Files, gather int, cork bool) error {
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
	if len(files) > 0 {
		w.parcels = append(w.parcels, parcel{len(w.waiting), files})
	}
	w.waiting = append(w.waiting, f...)
	w.sends++
	if gather > 0 {
		transport.Turn()
	}
	few := w.sends-w.taken < gather
	left := cork || few && (w.coming || w.attended && gather == everybody)
	if left && len(w.waiting) < corkLimit {
		w.mu.Unlock()
		return nil
	}
	if few && !left && !w.busy {
		w.coming = true
		w.mu.Unlock()
		transport.Yield()
		w.mu.Lock()
		w.coming = false
	}
	w.flushLocked()
	return nil
}

// gather is for who reads and is about to wait for a peer that needs this processor. Callers go first that have got replies since
// the last time, and most likely make calls again: as long as they do, and until as many have. Who yields waits for some
// sixty goroutines at most. And some callers may be on another thread, which runs when it is given the processor.
func (w *writer) gather(replies int) {
	for due := w.heard + replies; ; {
		before := w.count()
		transport.Yield()
		now := w.count()
		if now >= due {
			return
		}
		if now > before {
			continue
		}
		transport.YieldProcessor()
		if w.count() == before {
			return
		}
	}
}

func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sends
}

// attend is for who reads and is back from the peer.
func (w *writer) attend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attended = true
	w.heard = w.sends
}

// leave is for who attends and is about to wait for the peer.
func (w *writer) leave() {
	w.mu.Lock()
	w.attended = false
	w.flushLocked()
}

// copyLimit is up to how many bytes of a stream are copied to what waits, so that
// they leave with it. More are written from where they are.
const copyLimit = 8 << 10

// sendData sends bytes of a stream, in as many frames as it takes. It waits
// earlier than send does, so that a stream does not grow the buffers beyond what is kept.
func (w *writer) sendData(id uint64, p []byte) error {
	if len(p) > copyLimit {
		return w.writeData(id, p)
	}
	h := dataHeader(id, len(p))
	w.mu.Lock()
	for len(w.waiting)+len(h)+len(p) > keepWaiting && w.err == nil {
		_ = w.waitLocked(context.Background()) // ends with the connection
	}
	err := w.err
	w.waiting = append(append(w.waiting, h...), p...)
	w.mu.Unlock()
	if err == nil {
		w.flush()
	}
	return err
}

// writeData writes what waits and then p, as soon as the writer role is free.
func (w *writer) writeData(id uint64, p []byte) error {
	if err := w.acquire(); err != nil {
		return err
	}
	err := w.writeWaiting()
	if err == nil {
		var list net.Buffers
		for part := range slices.Chunk(p, frame.MaxChunk) {
			list = append(list, dataHeader(id, len(part)), part)
		}
		err = w.stream.WriteBuffers(list)
	}
	if err != nil {
		w.fail(err)
		return endOf(err)
	}
	w.finish()
	return nil
}

func dataHeader(id uint64, length int) []byte {
	return control(frame.Header{Kind: frame.Data, ID: id, CPU: transport.CPU(), Length: uint32(length)})
}

// post queues a frame for which nobody waits.
func (w *writer) post(f []byte) {
	if !w.postUnless(maxUnread, f) {
		w.end(errUnread) // no last words of such a peer are waited for
	}
}

var errUnread error = unreadError{}

type unreadError struct{}

func (unreadError) Error() string {
	return fmt.Sprintf("the other side has not read %d MiB that it is sent", maxUnread>>20)
}

// postUnless is post unless more than limit bytes wait.
func (w *writer) postUnless(limit int, f []byte) (posted bool) {
	w.mu.Lock()
	posted = len(w.waiting) <= limit
	if posted {
		w.waiting = append(w.waiting, f...)
	}
	w.mu.Unlock()
	w.flush()
	return posted
}

// flush writes what corked senders left.
func (w *writer) flush() {
	w.mu.Lock()
	w.flushLocked()
}

// flushLocked writes what waits, unless somebody does. It unlocks.
func (w *writer) flushLocked() {
	if w.busy || len(w.waiting) == 0 {
		w.mu.Unlock()
		return
	}
	l := w.nextOrReleaseLocked()
	w.mu.Unlock()
	w.write(l)
}

// write writes l, which the holder of the role has taken, and all that waits after it, and gives the role back. Where the
// stream would block, or others go on and on, it leaves the rest and the role to a goroutine.
func (w *writer) write(l load) {
	try, _ := w.stream.(tryWriter)
	for round := 0; l.buf != nil; round++ {
		if try != nil && round < maxRounds {
			if err := l.try(try); err != nil {
				l.drop()
				w.fail(err)
				return
			}
		}
		if !l.isSent() {
			w.writeLater(l)
			return
		}
		l = w.nextOrRelease(l.buf)
	}
}

// writeLater writes what is left and then all that waits on a goroutine that has the role.
func (w *writer) writeLater(left load) {
	alive := w.spawn(func() {
		for l := left; l.buf != nil; l = w.nextOrRelease(l.buf) {
			if err := l.write(w.stream); err != nil {
				l.drop()
				w.fail(err)
				return
			}
		}
	})
	if !alive {
		left.drop()
	}
}

// writeWaiting writes what waits now and keeps the role.
func (w *writer) writeWaiting() error {
	w.mu.Lock()
	l := w.nextLocked()
	w.mu.Unlock()
	if l.buf == nil {
		return nil
	}
	if err := l.write(w.stream); err != nil {
		l.drop()
		return err
	}
	w.mu.Lock()
	w.recycleLocked(l.buf)
	w.mu.Unlock()
	return nil
}

// nextOrRelease goes on after what was in buf, if it is not nil.
func (w *writer) nextOrRelease(buf []byte) load {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recycleLocked(buf)
	return w.nextOrReleaseLocked()
}

// nextOrReleaseLocked takes what waits. If that is nothing, or if a large message is to
// go first, it gives the role away and returns none.
func (w *writer) nextOrReleaseLocked() load {
	if len(w.large) > 0 {
		close(w.large[0])
		w.large = w.large[1:]
		return load{}
	}
	l := w.nextLocked()
	w.busy = l.buf != nil
	return l
}

func (w *writer) nextLocked() load {
	w.changedLocked()
	if len(w.waiting) == 0 || w.err != nil {
		return load{}
	}
	l := load{buf: w.waiting, parcels: w.parcels}
	w.waiting, w.taken, w.spare, w.parcels = w.spare, w.sends, nil, nil
	return l
}

// recycleLocked keeps a written buffer for later frames.
func (w *writer) recycleLocked(buf []byte) {
	if buf != nil && cap(buf) <= keepWaiting {
		w.spare = buf[:0]
	}
}

// acquire takes the writer role for the writer of a large message, who writes
// what waits between the chunks and ends with finish.
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

// finish ends what acquire began.
func (w *writer) finish() { w.write(w.nextOrRelease(nil)) }

// isIdle tells whether everything is written.
func (w *writer) isIdle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.busy && len(w.waiting) == 0
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

// stop wakes everybody who waits; sends fail with err from now on. The first reason stays.
func (w *writer) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	w.err = err
	w.changedLocked()
	unsent := load{parcels: w.parcels}
	unsent.drop()
	w.parcels = nil
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
