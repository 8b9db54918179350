package transport

import "net"

// Ring bounds how many bytes of a direction may be on the way through shared memory: powers of two from
// MinRing to MaxRing.
const (
	MinRing = 64 << 10
	MaxRing = 256 << 20
)

// Sharing is a connection over a socket whose ends have memory in common, and may agree to go on through that. Until
// then it is the socket.
type Sharing struct {
	net.Conn
	region []byte // mapped; nil once the connection goes through it, or nobody will have it
	host   bool
}

// Share goes on through memory. It comes when nobody reads or writes, and when all that the other side has written to
// the socket has been read; and the other side does the same.
func (s *Sharing) Share() error {
	m, err := newMemory(s.Conn, s.region, s.host)
	if err != nil {
		return err
	}
	s.Conn, s.region = m, nil
	return nil
}

// Close implements net.Conn. The memory that was not used is given up.
func (s *Sharing) Close() error {
	err := s.Conn.Close()
	s.withdraw()
	return err
}

// withdraw returns what the connection goes through, now and from now on.
func (s *Sharing) withdraw() net.Conn {
	if s.region != nil {
		unmapRegion(s.region)
		s.region = nil
	}
	return s.Conn
}
