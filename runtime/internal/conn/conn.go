// Package conn makes calls over one transport, in both directions at once.
package conn

import (
	"context"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Fate is what is known of a call that did not come back with a reply.
type Fate int

const (
	Executed      Fate = iota // the implementation ran and returned, with or without an error
	NotDelivered              // the peer did not start it and never will
	MaybeExecuted             // the request left; whether it ran is unknown
)

// Config is what a connection needs to know beside its stream.
type Config struct {
	// Lookup finds the handler for an incoming call; gob tells that arguments
	// are encoded with encoding/gob. Its error is sent back to the caller, who
	// learns that the call was not executed. Nil serves nothing.
	Lookup func(method string, gob bool) (codec.Handler, error)
	// MaxMessage bounds an argument or reply message in bytes, in both directions.
	MaxMessage int
	// PeerMaxMessage is what the peer announced in the handshake.
	PeerMaxMessage int
}

// Conn is one side of a connection. All methods may be called from any goroutine.
type Conn struct{}

// New starts a connection on a stream that is past the handshake. The Conn owns the stream.
func New(s transport.Stream, cfg Config) *Conn { panic("stub") }

// Call calls the peer's method. A nil error means that reply is filled. An error
// the implementation returned comes back as it was decoded, with Fate Executed
// and reply filled. Call returns as soon as ctx ends.
func (c *Conn) Call(ctx context.Context, method string, gob bool, args, reply codec.Message) (Fate, error) {
	panic("stub")
}

// Drain stops new calls in both directions (those of this side fail as not
// delivered; the peer is told, and its later ones are answered as not delivered)
// and returns when none is in flight, or when ctx ends or the connection is dead.
func (c *Conn) Drain(ctx context.Context) error { panic("stub") }

// Close ends the connection: pending calls fail with why, contexts of handlers
// are cancelled. It returns when every goroutine of the connection has ended,
// except those inside handlers.
func (c *Conn) Close(why error) { panic("stub") }

// Done is closed when the connection is dead or drained by the peer and idle.
func (c *Conn) Done() <-chan struct{} { panic("stub") }

// Err is why the connection ended: nil while it lives, io.EOF when the peer closed it.
func (c *Conn) Err() error { panic("stub") }
