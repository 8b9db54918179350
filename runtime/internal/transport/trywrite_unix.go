//go:build unix

package transport

import (
	"net"
	"sync"
	"syscall"
)

// tryWriter writes to a socket without waiting for room. Its function is made
// once, so that a write allocates nothing.
type tryWriter struct{ *tryState }

type tryState struct {
	raw syscall.RawConn
	f   func(fd uintptr) bool

	mu  sync.Mutex // protects following, the parameters and results of f
	p   []byte
	n   int
	err error
}

func newTryWriter(c net.Conn) tryWriter {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return tryWriter{}
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return tryWriter{}
	}
	t := &tryState{raw: raw}
	t.f = t.once
	return tryWriter{t}
}

// once writes once, and never asks to be called again.
func (t *tryState) once(fd uintptr) bool {
	for {
		t.n, t.err = syscall.Write(int(fd), t.p)
		if t.err != syscall.EINTR {
			return true
		}
	}
}

func (t tryWriter) write(p []byte) (int, error) {
	if t.tryState == nil {
		return 0, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.p, t.n, t.err = p, 0, nil
	err := t.raw.Write(t.f)
	t.p = nil
	if err == nil && t.err != syscall.EAGAIN {
		err = t.err
	}
	return max(0, t.n), err
}
