package pingo

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/logs"
)

// Call is a call as an Interceptor sees it.
type Call struct {
	Method   string // "Object.Method"
	Plugin   string // as Plugin.String returns it, of the plugin that is called, or that calls its host; empty in a plugin
	Incoming bool   // this side serves the call; otherwise it makes it

	// Args and Reply are what the caller passed, where this side makes the call. Those
	// of a generated client are each a codec.Message, and have no types that others know.
	Args, Reply any
	// Contract is that of a generated client, where this side makes the call; nil otherwise.
	// It must not be changed.
	Contract *codec.Contract
}

// An Interceptor runs around calls: to log, to measure, to trace, to refuse. It calls
// next, at most once, and returns its error, or another one, or none. The context that it passes
// on is that of the call: with [WithMetadata] it adds to what travels where this side makes
// the call, and with [Metadata] it sees what came where it serves it.
//
// If an Interceptor does not call next, the call is not made, and its error is that of
// the call; the other side gets it in a [*CallError] with the fate NotDelivered.
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
			passed := false
			err := in(ctx, call, func(ctx context.Context) error {
				needContext(ctx)
				passed = true
				return inner(ctx)
			})
			switch {
			case passed:
				return err
			case err == nil:
				err = errNoNext
			}
			return refused(err)
		}
	}
	return next(ctx)
}

// errNoNext is for an interceptor that returned no error of a call that it did not make.
var errNoNext = errors.New("an interceptor returned without calling next, and without an error")

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
			call := &Call{Method: method, Plugin: plugin, Incoming: true}
			refused := func(err error) error { return &conn.Refusal{Err: err} }
			return intercepted(ctx, list, call, refused, func(ctx context.Context) error { return h(ctx, dec, enc) })
		}, nil
	}
}
