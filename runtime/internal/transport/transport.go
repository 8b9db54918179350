// Package transport is connected byte streams: what a connection runs on.
// Nothing above it knows which kind it is.
package transport

import (
	"errors"
	"io"
	"net"
	"time"
)

// ErrNothing is what a Brief read returns when nothing has come; the stream stays usable.
var ErrNothing = errors.New("transport: nothing came")

// brief is how long a Brief read waits.
const brief = 2 * time.Millisecond

// Hint is what who reads knows of what comes.
type Hint uint8

const (
	// Brief: who reads has something else to look after; ErrNothing tells it to.
	Brief Hint = 1 << iota
	// Alone: the peer has nothing else to do than what is waited for, which cannot be there yet.
	Alone
	// Spin: it is at it on another processor, and it is worth to ask again and again for a while.
	Spin
	// Near: it is at it on this very processor, and has it at once if who reads lets go of it.
	Near
	// Now: who reads does not wait; ErrNothing tells it that nothing has come, as far as that is known.
	Now
)

// Stream is a connected, reliable, ordered byte stream. One goroutine reads and
// one writes at a time; Close may come from any.
type Stream interface {
	// Read waits until something comes.
	io.Reader
	// ReadHint is Read with hints.
	ReadHint(p []byte, hint Hint) (int, error)
	// Write writes all of p or returns an error.
	io.Writer
	// WriteBuffers writes all of them, one after the other, or returns an error. It may change the list.
	WriteBuffers(list net.Buffers) error
	// Close ends the stream; blocked Reads and Writes return an error.
	io.Closer
}

// FromConn makes a stream of a network connection, which it then owns.
func FromConn(c net.Conn) Stream {
	if s, ok := c.(*Sharing); ok {
		c = s.withdraw()
	}
	if s, ok := c.(Stream); ok {
		return s
	}
	return fromConn(c)
}
