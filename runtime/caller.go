package pingo

import (
	"context"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Caller makes calls. A *Plugin is one; generated clients are built on any.
type Caller interface {
	// CallContext calls the method "Object.Method" with args and fills reply.
	// It returns as soon as ctx ends.
	CallContext(ctx context.Context, method string, args, reply any) error
}

// Bind tells c which contract a generated client will use, so that a plugin
// whose contract does not fit is refused when it starts rather than at some
// call. It returns the Caller that the client is to use.
func Bind(c Caller, contract *codec.Contract) Caller { panic("stub") }
