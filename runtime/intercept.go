package pingo

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/logs"
)

// Call is a call as an Interceptor sees it.
type Call struct {
	Method   string // "Object.Method"
	Plugin   string // as Plugin.String, or Pool.String, returns it, of what is called, or of the plugin that calls its host; empty in a plugin
	Incoming bool   // this side serves the call; otherwise it makes it

	// Args and Reply are what the caller passed, where this side makes the call. Those
	// of a generated client are each a codec.Message, and have no types that others know.
	Args, Reply any
	// Contract is that of a generated client, where this side makes the call; nil otherwise.
	// It must not be changed.
	Contract *codec.Contract
}

// An Interceptor runs around calls: to log, to measure, to trace, to refuse. It calls
// next, and returns its error, or another one, or none. The context that it passes
// on is that of the call: with [WithMetadata] it adds to what travels where this side makes
// the call, and with [Metadata] it sees what came where it serves it.
//
// If an Interceptor does not call next, the call is not made, and its error is that of
// the call; the other side gets it in a [*CallError] with the fate NotDelivered.
//
// Where this side makes the call, next may be called again, to make it again: [FateOf] its error tells whether
// that is safe, and is about that attempt alone. A //pingo:timeout begins with each next, so that each attempt has as long, and
// what is around the Interceptor has no such limit, unless the context has a deadline already. [Plugin.Stats] and [EventCallFailed] are of attempts. Where
// this side serves the call, another next returns an error, and a panic of the implementation stays a [*PanicError] for
// the caller: an Interceptor that recovers it chooses the value.
//
// An Interceptor may call next on another goroutine, once at a time. If it returns before next does, the call
// waits for that, since next still uses what the caller has passed: pass a context that ends then. After that next
// makes no call any more, and returns an error.
//
// Calls of what was passed by reference are not intercepted, nor is what an
// implementation is asked by Config.ProbeInterval, nor records for Config.LogHandler.
type Interceptor func(ctx context.Context, call *Call, next func(context.Context) error) error

// Intercept adds interceptors to a plugin, for the calls that it serves and those
// that it makes through [Host]. The first one is the outermost. For a host, see Config.Intercept.
// Intercept panics after Run or Serve.
func Intercept(list ...Interceptor) {
	server.mu.Lock()
	defer server.mu.Unlock()
	if server.running {
		panic("pingo: Intercept called after Run")
	}
	server.intercept = append(server.intercept, list...)
}

// intercepted makes a call as the interceptors want it. What one returns that has not called
// next is an error of a call that was not made, for those around it as well.
func intercepted(ctx context.Context, list []Interceptor, call *Call, refused func(error) error, next func(context.Context) error) error {
	for _, in := range slices.Backward(list) {
		inner := next
		next = func(ctx context.Context) error {
			p := passage{once: call.Incoming}
			err := p.through(ctx, in, call, inner, refused)
			switch {
			case p.passed:
				return err
			case err == nil:
				err = errNoNext
			}
			return refused(err)
		}
	}
	return next(ctx)
}

// passage is the way of a call through an interceptor, which may use any goroutine.
type passage struct {
	once bool // a call is made once at most

	mu     sync.Mutex // held while the call is made; protects following
	passed bool       // it was
	closed bool       // the interceptor has returned
}

// through returns what the interceptor does, when nothing of the call runs any more.
func (p *passage) through(ctx context.Context, in Interceptor, call *Call, inner func(context.Context) error, refused func(error) error) error {
	defer p.close() // also if it panics
	return in(ctx, call, func(ctx context.Context) error {
		needContext(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		switch {
		case p.closed:
			return refused(errLate)
		case p.passed && p.once:
			return errAgain
		}
		p.passed = true
		return inner(ctx)
	})
}

// close waits for who has called next, and lets nobody else through.
func (p *passage) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

var (
	// errNoNext is for an interceptor that returned no error of a call that it did not make.
	errNoNext = errors.New("an interceptor returned without calling next, and without an error")
	// errLate and errAgain are what next returns that makes no call.
	errLate  = errors.New("next was called after the interceptor had returned")
	errAgain = errors.New("next was called twice; a call that is served is made once")
)

// isInternal tells whether the runtime made the call for its own purposes.
func isInternal(method string) bool {
	return strings.HasPrefix(method, healthContract.Name+".") || strings.HasPrefix(method, logs.Contract.Name+".")
}

// interceptServed returns a lookup whose handlers run within the interceptors.
func interceptServed(list []Interceptor, plugin string, lookup lookupFunc) lookupFunc {
	if len(list) == 0 {
		return lookup
	}
	return func(method string, gob bool) (codec.Handler, error) {
		h, err := lookup(method, gob)
		if err != nil || isInternal(method) {
			return h, err
		}
		return func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			s := &servedCall{Call: Call{Method: method, Plugin: plugin, Incoming: true}, handler: h, dec: dec, enc: enc}
			refused := func(err error) error { return &conn.Refusal{Err: err} }
			err := intercepted(ctx, list, &s.Call, refused, s.run)
			if s.stack == nil {
				return err
			}
			return &codec.Panicked{Value: cmp.Or(err, errRecovered), Stack: s.stack}
		}, nil
	}
}

// servedCall is a call that is served within interceptors.
type servedCall struct {
	Call
	handler codec.Handler
	dec     *codec.Decoder
	enc     *codec.Encoder
	stack   []byte // of the handler, if it has panicked
}

// run runs the handler. One that panics leaves no results, whoever recovers: it has to stay a panic for the caller.
func (s *servedCall) run(ctx context.Context) error {
	returned := false
	defer func() {
		if !returned {
			s.stack = debug.Stack()
		}
	}()
	err := s.handler(ctx, s.dec, s.enc)
	returned = true
	return err
}

// errRecovered is for an interceptor that has recovered a panic, and says nothing of it.
var errRecovered = errors.New("an interceptor has recovered")
