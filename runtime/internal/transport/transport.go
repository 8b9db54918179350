// Package transport is connected byte streams: what a connection runs on.
// Nothing above it knows which kind it is.
package transport

import (
	"errors"
	"io"
)

// ErrInterrupted is what a Read returns after Interrupt; the stream stays usable.
var ErrInterrupted = errors.New("transport: read interrupted")

// Stream is a connected, reliable, ordered byte stream. One goroutine reads and
// one writes at a time; Interrupt and Close may come from any.
type Stream interface {
	io.Reader
	// Write writes all of p or returns an error.
	io.Writer
	// Interrupt makes the Read that is under way, or else the next one, return
	// ErrInterrupted. Interrupts that come before that Read returns are one.
	Interrupt()
	// Close ends the stream; blocked Reads and Writes return an error.
	io.Closer
}
