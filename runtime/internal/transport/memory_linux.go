package transport

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// Shared memory
//
// Both processes have one region of memory, with a ring of bytes for each direction: see
// ring_linux.go. While both have something to do, no system call is made. Who has nothing to
// read, or no room to write, says so, looks once more, and sleeps (futex); who changes that
// wakes it up. Nothing is missed, since everybody sees what both do in one order.
//
// Bytes are copied out before they are looked at: the peer can change those in a ring at any moment.
//
// A socket belongs to it. Its end is that of the stream; a goroutine waits for it in
// the network poller. And descriptors go over it, each set with the position in the ring
// of the byte that it goes along with.

// memory is a stream through shared memory, and a connection. See above.
type memory struct {
	region []byte
	users  users       // of region; one is the goroutine that waits for the end
	over   atomic.Bool // the socket has ended: nothing more will come, and nobody takes anything
	socket *net.UnixConn
	raw    syscall.RawConn // of socket

	reading, writing bed

	// What follows belongs to the one who reads.
	in       source
	spinner  spinner
	giver    giver
	sets     uint64   // of descriptors that have come
	pending  *passed  // the last of them, if its byte was not read yet
	received Received // what came along with the last read

	// And this to the one who writes.
	out      sink
	patience spinner
	passes   uint64 // sets of descriptors that were sent
}

// passed is a set of descriptors, and the position of the byte that it goes along with.
type passed struct {
	at  uint64
	set Received
}

// bed is where who reads, or who writes, sleeps.
type bed struct {
	word  *atomic.Uint32 // of the ring; 1 has the peer wake who sleeps on it
	until atomic.Int64   // the deadline, in Unix time and ns; 0 for none
	naps  atomic.Uint64  // twice how many there were, and one more during one
}

// newMemory takes over c, which has to be a unix socket, and region.
func newMemory(c net.Conn, region []byte, host bool) (net.Conn, error) {
	socket, ok := c.(*net.UnixConn)
	if !ok {
		return nil, fmt.Errorf("shared memory with a %T instead of a unix socket", c)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("shared memory: %w", err)
	}
	s := &memory{region: region, socket: socket, raw: raw, spinner: newSpinner(), patience: newSpinner()}
	s.in, s.out = ends(region, host)
	s.reading.word, s.writing.word = &s.in.hungry, &s.out.full
	s.users.enter()
	go s.awaitEnd()
	return s, nil
}

// awaitEnd ends when the socket does, at either end.
func (s *memory) awaitEnd() {
	defer s.done()
	_ = s.raw.Read(func(fd uintptr) bool { // fails when this end is closed
		p := pollFd{fd: int32(fd), events: pollRdhup}
		var now syscall.Timespec
		_, _, errno := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
		return errno == 0 && p.revents != 0
	})
	s.over.Store(true)
	s.reading.wakeUp()
	s.writing.wakeUp()
}

// wakeUp wakes up who sleeps, or is about to. It insists: a peer that writes to the word at the wrong
// moment, or sleeps on it itself, could have it missed.
func (b *bed) wakeUp() {
	for nap := b.naps.Load(); nap%2 != 0 && b.naps.Load() == nap; time.Sleep(20 * time.Microsecond) {
		b.word.Store(0)
		wakeAll(b.word)
	}
}

// use keeps the region mapped until done.
func (s *memory) use() error {
	if !s.users.enter() {
		s.done()
		return net.ErrClosed
	}
	return nil
}

func (s *memory) done() {
	if !s.users.leave() {
		return
	}
	unmapRegion(s.region) // nobody has it any more
	s.received.close()
	if s.pending != nil {
		s.pending.set.close()
	}
}

// Close implements Stream. That the socket is closed has awaitEnd wake up who sleeps.
func (s *memory) Close() error {
	if !s.users.close() {
		return net.ErrClosed
	}
	err := s.socket.Close()
	s.done()
	return err
}

// ended tells whether this side has closed the stream, or the other side has.
func (s *memory) ended() bool { return s.over.Load() || s.users.isClosed() }

// Read implements Stream.
func (s *memory) Read(p []byte) (int, error) { return s.ReadHint(p, 0) }

// ReadHint implements Stream.
func (s *memory) ReadHint(p []byte, hint Hint) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := s.use(); err != nil {
		return 0, err
	}
	defer s.done()
	if n, err := s.take(p); n > 0 || err != nil {
		return n, err
	}
	if hint&Now != 0 {
		return 0, ErrNothing
	}
	if hint&Spin != 0 && s.spinner.begin() {
		s.spinner.end(spinUntil(s.canRead))
	}
	if hint&Near != 0 {
		s.giver.give(s.canRead)
	}
	for {
		if n, err := s.take(p); n > 0 || err != nil {
			return n, err
		}
		if err := s.await(hint); err != nil {
			return 0, err
		}
		if n, err := s.take(p); n > 0 || err != nil {
			return n, err
		}
		if hint&Brief != 0 {
			return 0, ErrNothing
		}
	}
}

// canRead tells whether take will find something, be it an error.
func (s *memory) canRead() bool {
	n, err := s.in.available()
	return n > 0 || err != nil || s.ended()
}

// take reads what is there.
func (s *memory) take(p []byte) (int, error) {
	over := s.over.Load() // first: what was written before the end comes before it
	n, err := s.in.available()
	if err != nil {
		return 0, err
	}
	if n == 0 && over {
		return 0, io.EOF
	}
	if n, err = s.arrive(min(n, len(p))); err != nil {
		return 0, err
	}
	acquire()
	s.in.take(p[:n])
	return n, nil
}

// await waits until there is something to read, for a short time at most if the hint says so.
func (s *memory) await(hint Hint) error {
	limit := forEver
	if hint&Brief != 0 {
		limit = brief
	}
	return s.nap(&s.reading, limit, s.canRead)
}

// nap sleeps until it is woken up, for limit at most, unless there is no reason to.
func (s *memory) nap(b *bed, limit time.Duration, ready func() bool) error {
	b.naps.Add(1)
	defer b.naps.Add(1)
	b.word.Store(1)
	defer b.word.Store(0)
	left, err := s.left(&b.until) // who changes that from here on wakes this up
	if err == nil && !ready() {
		sleep(b.word, min(limit, left))
	}
	return err
}

// forEver is how long who has no deadline sleeps at a time.
const forEver = time.Hour

// left is how long one may wait until a deadline. It is an error if that is over, or the stream closed.
func (s *memory) left(deadline *atomic.Int64) (time.Duration, error) {
	if s.users.isClosed() {
		return 0, net.ErrClosed
	}
	until := deadline.Load()
	if until == 0 {
		return forEver, nil
	}
	left := time.Until(time.Unix(0, until))
	if left <= 0 {
		return 0, os.ErrDeadlineExceeded
	}
	return min(left, forEver), nil
}

// TryWrite writes what there is room for, which may be nothing.
func (s *memory) TryWrite(p []byte) (int, error) {
	if err := s.use(); err != nil {
		return 0, err
	}
	defer s.done()
	n, err := s.put(p)
	s.out.tell()
	return n, err
}

// Write implements Stream.
func (s *memory) Write(p []byte) (int, error) {
	if err := s.WriteBuffers(net.Buffers{p}); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteBuffers implements Stream.
func (s *memory) WriteBuffers(list net.Buffers) error {
	if err := s.use(); err != nil {
		return err
	}
	defer s.done()
	defer s.out.tell()
	for _, p := range list {
		for len(p) > 0 {
			n, err := s.put(p)
			if err != nil {
				return err
			}
			if p = p[n:]; len(p) == 0 {
				break
			}
			if err := s.awaitRoom(); err != nil {
				return err
			}
		}
	}
	return nil
}

// put writes what there is room for; tell follows.
func (s *memory) put(p []byte) (int, error) {
	if s.over.Load() {
		return 0, os.NewSyscallError("write", syscall.EPIPE)
	}
	release()
	return s.out.put(p)
}

// awaitRoom waits until put will write something, be it an error.
func (s *memory) awaitRoom() error {
	s.out.tell()
	if s.patience.begin() && s.patience.end(spinUntil(s.canWrite)) {
		return nil
	}
	return s.nap(&s.writing, forEver, s.canWrite)
}

func (s *memory) canWrite() bool {
	n, err := s.out.room()
	return n > 0 || err != nil || s.ended()
}

// spinUntil asks again and again for a short time.
func spinUntil(ready func() bool) bool {
	for until := clock.Now().After(spinFor); clock.Now() < until; {
		for range 16 {
			if ready() {
				return true
			}
		}
	}
	return false
}

// LocalAddr implements net.Conn.
func (s *memory) LocalAddr() net.Addr { return s.socket.LocalAddr() }

// RemoteAddr implements net.Conn.
func (s *memory) RemoteAddr() net.Addr { return s.socket.RemoteAddr() }

// SetDeadline implements net.Conn.
func (s *memory) SetDeadline(t time.Time) error {
	_ = s.SetReadDeadline(t) // fails as the other does
	return s.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (s *memory) SetReadDeadline(t time.Time) error { return s.setDeadline(&s.reading, t) }

// SetWriteDeadline implements net.Conn.
func (s *memory) SetWriteDeadline(t time.Time) error { return s.setDeadline(&s.writing, t) }

func (s *memory) setDeadline(b *bed, t time.Time) error {
	if err := s.use(); err != nil {
		return err
	}
	defer s.done()
	until := int64(0)
	if !t.IsZero() {
		until = max(1, t.UnixNano())
	}
	b.until.Store(until)
	b.wakeUp() // who waits looks at it
	return nil
}
