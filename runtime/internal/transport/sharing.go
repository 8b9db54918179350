package transport

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Ring bounds how many bytes of a direction may be on the way through shared memory: powers of two from
// MinRing to MaxRing.
const (
	MinRing = 64 << 10
	MaxRing = 256 << 20
)

// Sharing is a connection over a socket whose ends have memory in common, and may agree to go on through that. Until
// then it is the socket. What is laid over it may read ahead, and close it at any moment.
type Sharing struct {
	net.Conn // the socket
	host     bool

	moving  atomic.Bool // who reads from the socket is to let go of it
	reading sync.Mutex  // held by who does

	mu     sync.Mutex // protects following
	region []byte     // mapped; nil once the connection goes through it, or nobody will have it
	memory net.Conn   // what the connection goes through; nil until then
}

// Share goes on through memory. It comes when nobody writes, and when all that the other side has written to
// the socket has been read; and the other side does the same. Who reads goes on there.
func (s *Sharing) Share() error {
	s.moving.Store(true)
	defer s.moving.Store(false)
	_ = s.Conn.SetReadDeadline(time.Unix(1, 0)) // a closed socket needs no interruption
	s.reading.Lock()
	defer s.reading.Unlock()
	_ = s.Conn.SetReadDeadline(time.Time{}) // as above
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.region == nil {
		return net.ErrClosed
	}
	m, err := newMemory(s.Conn, s.region, s.host)
	if err == nil {
		s.memory, s.region = m, nil
	}
	return err
}

// now is what the connection goes through.
func (s *Sharing) now() net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory != nil {
		return s.memory
	}
	return s.Conn
}

// Read implements net.Conn.
func (s *Sharing) Read(p []byte) (int, error) {
	for {
		s.reading.Lock()
		c := s.now()
		if c != s.Conn {
			s.reading.Unlock()
			return c.Read(p)
		}
		n, err := c.Read(p)
		moving := s.moving.Load() // until this lets go
		s.reading.Unlock()
		if !moving || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
}

// Write implements net.Conn.
func (s *Sharing) Write(p []byte) (int, error) { return s.now().Write(p) }

// SetDeadline implements net.Conn.
func (s *Sharing) SetDeadline(t time.Time) error { return s.now().SetDeadline(t) }

// SetReadDeadline implements net.Conn.
func (s *Sharing) SetReadDeadline(t time.Time) error { return s.now().SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn.
func (s *Sharing) SetWriteDeadline(t time.Time) error { return s.now().SetWriteDeadline(t) }

// Close implements net.Conn. The memory that was not used is given up.
func (s *Sharing) Close() error { return s.withdraw().Close() }

// withdraw returns what the connection goes through, now and from now on.
func (s *Sharing) withdraw() net.Conn {
	s.mu.Lock()
	if s.region != nil {
		unmapRegion(s.region)
		s.region = nil
	}
	s.mu.Unlock()
	return s.now()
}
