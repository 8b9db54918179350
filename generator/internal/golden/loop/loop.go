// Package loop calls generated handlers without a connection, for tests of
// generated code.
package loop

import (
	"context"
	"fmt"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// New returns a Caller that calls the handlers of a contract, which are in the
// order of its methods, through encoded messages.
func New(contract *codec.Contract, handlers ...codec.Handler) pingo.Caller {
	c := caller{}
	for i, m := range contract.Methods {
		c[contract.Name+"."+m.Name] = handlers[i]
	}
	return c
}

type caller map[string]codec.Handler

// CallContext implements pingo.Caller.
func (c caller) CallContext(ctx context.Context, method string, args, reply any) error {
	handler, ok := c[method]
	if !ok {
		return fmt.Errorf("loop: no method %s", method)
	}
	var request, response codec.Encoder
	if request.Message(args.(codec.Message)); request.Err() != nil {
		return request.Err()
	}
	var dec codec.Decoder
	dec.Reset(request.Buffer(), true)
	failure := handler(ctx, &dec, &response)
	if dec.Err() != nil {
		return dec.Err()
	}
	if response.Error(failure); response.Err() != nil {
		return response.Err()
	}
	dec.Reset(response.Buffer(), true)
	reply.(codec.Message).Decode(&dec)
	failure = dec.Error()
	if err := dec.Message(&codec.Nothing{}); err != nil {
		return err
	}
	return failure
}
