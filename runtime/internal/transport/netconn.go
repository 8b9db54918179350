package transport

import (
	"errors"
	"net"
	"os"
	"time"
)

// netStream is a stream by Go's network poller.
type netStream struct {
	net.Conn
	try    tryWriter
	rights *netRights // for descriptors; nil where none can go along
	brief  bool       // a deadline is set; belongs to the one who reads
}

func newNetStream(c net.Conn) *netStream {
	return &netStream{Conn: c, try: newTryWriter(c), rights: newNetRights(c)}
}

// Read implements Stream.
func (s *netStream) Read(p []byte) (int, error) { return s.ReadHint(p, 0) }

// ReadHint implements Stream.
func (s *netStream) ReadHint(p []byte, hint Hint) (int, error) {
	if hint&Now != 0 {
		return 0, ErrNothing
	}
	var until time.Time
	if hint&Brief != 0 {
		until = time.Now().Add(brief)
	}
	if s.brief || hint&Brief != 0 {
		s.brief = hint&Brief != 0
		_ = s.SetReadDeadline(until) // fails only when closed, and then Read fails too
	}
	n, err := s.read(p)
	if n == 0 && s.brief && errors.Is(err, os.ErrDeadlineExceeded) {
		err = ErrNothing
	}
	return n, err
}

func (s *netStream) read(p []byte) (int, error) {
	if s.rights != nil {
		defer acquire()
		return s.rights.read(p)
	}
	return s.Conn.Read(p)
}

// Write implements Stream.
func (s *netStream) Write(p []byte) (int, error) {
	release()
	return s.Conn.Write(p)
}

// WriteBuffers implements Stream.
func (s *netStream) WriteBuffers(list net.Buffers) error {
	release()
	_, err := list.WriteTo(s.Conn)
	return err
}

// TryWrite writes what the system takes at once, which may be nothing.
func (s *netStream) TryWrite(p []byte) (int, error) {
	release()
	return s.try.write(p)
}
