package codec

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Peer is the connection that a message travels on, as far as things are
// concerned that do not travel: interfaces, functions, streams. The side that
// has such a thing keeps it under a number; the other side holds a [Reference]
// to the number until it lets go. The connection implements it.
type Peer interface {
	// Export keeps v, which s serves, and returns its number. With an error it is
	// kept as well, until it is let go of.
	Export(v any, s *Service) (uint64, error)
	// ExportInbox keeps a new Inbox and returns its number.
	ExportInbox() (uint64, Inbox)
	// Unexport lets go of what this side keeps under a number.
	Unexport(id uint64)
	// ComeHome returns what this side keeps under a number, once for each time that a
	// message brings it home.
	ComeHome(id uint64) (v any, ok bool)

	// CallReference calls a method of what the other side keeps under id. If that
	// is 0, it returns the error of a call that was made after Release. Errors say
	// where the number is from: "for Store.Copy", "from Store.Open".
	CallReference(ctx context.Context, id uint64, from, method string, args, reply Message) error
	// PostReference is CallReference for a call that nobody waits for: it returns
	// when the call is written.
	PostReference(ctx context.Context, id uint64, from, method string, args Message) error
	// Reserve waits until the other side takes more bytes for id, which is an
	// Inbox or is written to, and returns how many of want may be sent.
	Reserve(ctx context.Context, id uint64, want int) (int, error)
	// Send sends bytes, at most as many as were reserved. The rest of them is free again.
	Send(id uint64, p []byte, reserved int) error
	// Import counts numbers that came from the other side. Each is released once, also
	// if there is an error, which says that they are too many.
	Import(n int) error
	// Release tells the other side that it need not keep id for this one once it has
	// come home so often.
	Release(id, home uint64)
	// OwnErrors are the errors of this side that may come home.
	OwnErrors() *OwnErrors
	// MaxMessage bounds a message, and an item of a stream, in bytes.
	MaxMessage() int
	// PassesFiles is nil if descriptors can travel along, and otherwise says why not.
	PassesFiles() error
}

// Inbox is where the bytes of a stream wait for who reads them. It is for one
// reader at a time.
type Inbox interface {
	// Next returns the bytes that arrived next, valid until the following call.
	// After Close it returns what is there, and then the reason of the Close.
	// With into, which must not be empty, it reads from the connection itself if it has to wait, and what it returns may
	// be the first of into. Nobody else touches that, nor does Next once it has returned.
	Next(ctx context.Context, into []byte) ([]byte, error)
	// Close ends the waiting for more, and says why. The end of the connection does not: it fails
	// the call that the stream was asked for with, and whoever made that knows the reason.
	Close(err error)
	// Over is closed when nothing more can arrive: the other side has let go of the
	// Inbox, or the connection has ended.
	Over() <-chan struct{}
}

// Discarder is a Writer that is also handed what comes after it has failed, first
// nothing, and lets go of what that mentions, and of what it has kept.
type Discarder interface{ Discard(p []byte) }

// Ender is a Writer that is told at first what will be closed when the other side has let
// go of it, or is gone.
type Ender interface{ Until(over <-chan struct{}) }

// Scope is the context of a handler: it belongs to one call.
type Scope interface {
	context.Context
	// Over tells whether the handler has returned.
	Over() bool
	// AtEnd has f called when the handler has returned, before its reply is sent.
	// An error of f becomes the call's, unless the handler returned one.
	AtEnd(f func() error)
}

// ErrReleased is in the error of a call on a reference that was released, by its
// Close or by Release. It is an fs.ErrClosed.
var ErrReleased error = releasedError{}

type releasedError struct{}

func (releasedError) Error() string   { return "the reference was released" }
func (releasedError) Is(e error) bool { return e == fs.ErrClosed }

var errNoPeer = errors.New("interfaces, functions and streams can only be sent over a connection")

// How a reference travels: a byte that says which, and the number.
const (
	referenceNil      = iota // nothing follows
	referenceNew             // the sender keeps it
	referenceHome            // the receiver keeps it: it comes home
	referenceOptional        // the sender keeps it; the names of its optional methods follow

	referenceDescriptor // it travels as a descriptor; its index among the message's and its name follow
)

// Attach says which connection the message will travel on.
func (e *Encoder) Attach(p Peer) { e.peer = p }

// Exports are the numbers under which the connection keeps what the message
// mentions, in the order in which it does.
func (e *Encoder) Exports() []uint64 { return e.mentions.exports }

// Numbers are what has to stand behind the message: Exports, and the numbers of
// what comes home, marked as [Home] says.
func (e *Encoder) Numbers() []uint64 { return e.mentions.numbers() }

// Sent is called when the message has left as a whole.
func (e *Encoder) Sent() { e.mentions.sent() }

// Unexport lets go of all that the message mentions, because it will not be sent.
func (e *Encoder) Unexport() {
	e.Files().Close()
	e.CloseGiven()
	e.files = nil
	e.mentions.unsent(e.peer)
}

// export writes a reference to v.
func (e *Encoder) export(v any, s *Service) {
	if e.peer == nil {
		e.Fail(errNoPeer)
		return
	}
	id, err := e.peer.Export(v, s)
	if err != nil {
		e.Fail(err)
	}
	if len(s.has) == 0 {
		e.exported(id)
		return
	}
	e.mentions.exports = append(e.mentions.exports, id)
	e.Uint8(referenceOptional)
	e.Uint64(id)
	e.Uint64(uint64(len(s.has)))
	for _, m := range s.has {
		e.String(m)
	}
}

// exported writes a reference to what the connection keeps under id.
func (e *Encoder) exported(id uint64) {
	e.mentions.exports = append(e.mentions.exports, id)
	e.Uint8(referenceNew)
	e.Uint64(id)
}

// home writes a reference that goes back to where it came from, if it came from
// the side that the message goes to.
func (e *Encoder) home(r *Reference) bool {
	if r == nil || r.peer != e.peer {
		return false
	}
	if !r.state.leave() {
		e.Fail(ErrReleased)
		return true
	}
	e.mentions.homes = append(e.mentions.homes, r.state)
	e.Uint8(referenceHome)
	e.Uint64(r.id)
	return true
}

// Attach says which connection the message came from, which numbers it brought,
// and to which call it belongs: nil for a reply.
func (d *Decoder) Attach(p Peer, imports []uint64, scope Scope) {
	d.peer, d.imports, d.scope = p, imports, scope
	kept := 0
	for _, number := range imports {
		if _, home := Home(number); !home {
			kept++
		}
	}
	if kept > 0 {
		if err := p.Import(kept); err != nil {
			d.Fail(err)
		}
	}
}

// ArgumentsOf says for which method the message is, for the errors of what it mentions.
func (d *Decoder) ArgumentsOf(method string) { d.from = "for " + method }

// ReplyTo says that the message is the reply to a call of method under ctx: sequences and
// channels in it end with that.
func (d *Decoder) ReplyTo(ctx context.Context, method string) {
	d.from = "from " + method
	if ctx.Done() != nil {
		d.caller = ctx
	}
}

// ReleaseUnclaimed lets go of what the message mentions and nobody decoded.
func (d *Decoder) ReleaseUnclaimed() {
	for _, number := range d.imports {
		if id, home := Home(number); home {
			d.peer.ComeHome(id)
		} else {
			d.peer.Release(id, 0)
		}
	}
	d.imports = nil
}

// Claimed are the numbers that were decoded.
func (d *Decoder) Claimed() []uint64 { return d.claimed }

// reference reads a reference: to something on the other side, or to something
// that this side has exported and that comes home. Both are nil for nil.
func (d *Decoder) reference() (r *Reference, home any) {
	kind := d.Uint8()
	if kind == referenceNil {
		return nil, nil
	}
	id := d.Uint64()
	switch {
	case d.err != nil:
	case d.peer == nil:
		d.Fail(errNoPeer)
	case id >= comesHome:
		d.Fail(fmt.Errorf("reference %d is none", id))
	case kind == referenceNew:
		return d.remote(id), nil
	case kind == referenceOptional:
		if methods := d.optionalMethods(); d.err == nil {
			if r = d.remote(id); r != nil {
				r.optional = methods
			}
		}
		return r, nil
	case kind == referenceHome:
		if !d.claim(id | comesHome) {
			break
		}
		v, ok := d.peer.ComeHome(id)
		if !ok {
			d.Fail(fmt.Errorf("reference %d comes home, but this side does not keep it", id))
		}
		return nil, v
	default:
		d.Fail(fmt.Errorf("unknown kind of reference %d", kind))
	}
	return nil, nil
}

// remote claims a number under which the other side keeps something.
func (d *Decoder) remote(id uint64) *Reference {
	if !d.claim(id) {
		return nil
	}
	d.claimed = append(d.claimed, id)
	r := newReference(d.peer, id, d.scope)
	r.caller, r.from = d.caller, d.from
	return r
}

// claim takes one of the numbers that the message brought. They stand in the
// order in which the sender mentioned them; a message of another version of the
// contract may have another one here.
func (d *Decoder) claim(number uint64) bool {
	i := slices.Index(d.imports, number)
	if i < 0 {
		id, _ := Home(number)
		d.Fail(fmt.Errorf("reference %d is not among those that came with the message", id))
		return false
	}
	if i == 0 {
		d.imports = d.imports[1:]
	} else {
		d.imports = slices.Delete(d.imports, i, i+1)
	}
	return true
}
