package codec

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Reference stands for a value that stayed on the other side of a connection.
// Generated proxies are built on it. It is released by Close and Release, and
// when it is collected; the connection's end ends it too. All methods may be
// called by any goroutine, except that Read and Seek are for one at a time, as
// those of most readers are.
type Reference struct {
	peer     Peer
	id       uint64
	scope    Scope           // the call that it came with; nil if it came with a reply
	caller   context.Context // of the call whose reply it came with; nil if there is none, or it never ends
	from     string          // the method that brought it, for errors
	optional []string        // methods that its value has beside those of its interface
	state    *referenceState
	write    writeState
	read     readState
}

// referenceState outlives the Reference, for the cleanup and for messages.
type referenceState struct {
	peer     Peer
	id       uint64
	released atomic.Bool // set under mu

	mu      sync.Mutex // protects following
	leaving int        // how often messages mention it that are on their way out
	home    uint64     // how often messages do that have left
}

func newReference(p Peer, id uint64, scope Scope) *Reference {
	r := &Reference{peer: p, id: id, scope: scope, state: &referenceState{peer: p, id: id}}
	runtime.AddCleanup(r, (*referenceState).release, r.state)
	return r
}

// Release lets go of the value. Calls fail with ErrReleased from then on.
func (r *Reference) Release() { r.state.release() }

// Context is for methods that take none: it is that of the call which brought the
// reference, as long as that is being served.
func (r *Reference) Context() context.Context {
	if r.scope != nil && !r.scope.Over() {
		return r.scope
	}
	return context.Background()
}

// streamContext is what a sequence or a channel ends with: the call that brought it, or the
// context of the caller whom it was returned to.
func (r *Reference) streamContext() context.Context {
	if r.scope == nil && r.caller != nil {
		return r.caller
	}
	return r.Context()
}

// CallContext calls a method of the value, after all that was written to it.
func (r *Reference) CallContext(ctx context.Context, method string, args, reply any) error {
	needContext(ctx)
	if err := r.Flush(ctx); err != nil {
		return err
	}
	return r.call(ctx, method, args.(Message), reply.(Message))
}

// needContext is package pingo's.
func needContext(ctx context.Context) {
	if ctx == nil {
		panic("pingo: nil context: pass context.Background() or context.TODO()")
	}
}

// CallWithin is CallContext with a time limit if ctx has no deadline.
func (r *Reference) CallWithin(ctx context.Context, limit time.Duration, method string, args, reply any) error {
	needContext(ctx)
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	return r.CallContext(ctx, method, args, reply)
}

// Post calls a method of the value and returns when the call is written.
func (r *Reference) Post(ctx context.Context, method string, args any) error {
	if err := r.Flush(ctx); err != nil {
		return err
	}
	defer runtime.KeepAlive(r)
	return r.peer.PostReference(ctx, r.current(), r.from, method, args.(Message))
}

func (r *Reference) call(ctx context.Context, method string, args, reply Message) error {
	defer runtime.KeepAlive(r)
	return r.peer.CallReference(ctx, r.current(), r.from, method, args, reply)
}

// current is the number of the value, 0 once it was released.
func (r *Reference) current() uint64 {
	if r.state.released.Load() {
		return 0
	}
	return r.id
}

// Close closes the value by its own method, and releases it.
func (r *Reference) Close(ctx context.Context) error {
	r.dropReading(ctx)
	var unwritten error
	if r.write.mu.TryLock() { // a Write that hangs is ended by the Close
		unwritten = r.flushLocked(ctx)
		r.write.mu.Unlock()
	}
	err := r.call(ctx, "Close", &Nothing{}, &Nothing{})
	r.Release()
	if unwritten != nil {
		return unwritten
	}
	return err
}

// EncodeInterface sends v by reference: the other side gets a proxy whose calls
// serve answers. If v is such a proxy itself, of the side that it goes to, proxy
// is its reference, and the other side gets the original.
func EncodeInterface(e *Encoder, isNil bool, v any, proxy *Reference, serve func() *Service) {
	switch {
	case isNil:
		e.Uint8(referenceNil)
	case e.home(proxy):
	default:
		e.export(v, serve())
	}
}

// EncodeFunc sends a function by reference, whose calls serve answers.
func EncodeFunc(e *Encoder, isNil bool, f any, serve func() *Service) {
	EncodeInterface(e, isNil, f, nil, serve)
}

// DecodeInterface reads what EncodeInterface wrote: nil, the proxy that wrap
// makes of a reference, this side's own value, or a socket that travelled. A function is
// read the same way.
func DecodeInterface[T any](d *Decoder, wrap func(*Reference) T) T {
	if d.err == nil && d.pos < len(d.buf) && d.buf[d.pos] == referenceDescriptor {
		return decodeSocket[T](d)
	}
	r, home := d.reference()
	if r != nil {
		return wrap(r)
	}
	return ownValue[T](d, home)
}

// ownValue is a value of this side that came home, or the zero value for nil.
func ownValue[T any](d *Decoder, home any) (v T) {
	if home == nil {
		return v
	}
	v, ok := home.(T)
	if !ok {
		d.Fail(fmt.Errorf("what comes home is a %T, not a %T", home, v))
	}
	return v
}
