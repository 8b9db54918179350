package transport

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// FromConn makes a stream of a network connection, which it then owns.
func FromConn(c net.Conn) Stream { return newNetStream(c) }

// netStream interrupts reads by a deadline that has passed.
type netStream struct {
	net.Conn
	try tryWriter

	mu          sync.Mutex // protects following, and the read deadline
	interrupted bool       // the deadline is set and no Read has said so yet
}

func newNetStream(c net.Conn) *netStream { return &netStream{Conn: c, try: newTryWriter(c)} }

var longAgo = time.Unix(1, 0)

// Interrupt implements Stream.
func (s *netStream) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupted = true
	_ = s.SetReadDeadline(longAgo) // fails only when closed, and then Read fails too
}

// Read implements Stream.
func (s *netStream) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && s.clear() {
		return 0, ErrInterrupted
	}
	return n, err
}

// clear ends an interruption, and tells whether there was one.
func (s *netStream) clear() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.interrupted
	s.interrupted = false
	_ = s.SetReadDeadline(time.Time{})
	return was
}

// TryWrite writes what the system takes at once, which may be nothing.
func (s *netStream) TryWrite(p []byte) (int, error) { return s.try.write(p) }
