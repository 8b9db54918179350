package pingo

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/schema"
	"github.com/pingogen/pingogen/runtime/internal/service"
)

// callers are the contracts by which the other side makes its calls.
type callers struct {
	limit int    // of a message, in bytes
	other string // side, which makes the calls

	mu        sync.Mutex                 // protects following
	contracts map[string]*codec.Contract // by name
}

// newCallers starts with what a Hello said.
func newCallers(list []codec.Contract, limit int, other string) *callers {
	c := &callers{limit: limit, other: other, contracts: map[string]*codec.Contract{}}
	for i := range list {
		c.contracts[list[i].Name] = &list[i]
	}
	return c
}

// add takes a contract that was described later.
func (c *callers) add(contract codec.Contract) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.contracts[contract.Name] != nil {
		return fmt.Errorf("the contract %q was described twice", contract.Name)
	}
	c.contracts[contract.Name] = &contract
	return nil
}

// lookupFunc finds the handler of a method, as conn.Config.Lookup does.
type lookupFunc = func(method string, gob bool) (codec.Handler, error)

// lookup finds handlers in the first of registries that has the object, for
// callers of any version.
func (c *callers) lookup(registries ...*service.Registry) lookupFunc {
	return func(method string, gob bool) (codec.Handler, error) {
		registry := registries[0]
		for _, other := range registries[1:] {
			if other.Serves(method) {
				registry = other
			}
		}
		h, err := registry.Lookup(method, gob)
		if own := registry.Contract(method); err == nil && own != nil {
			h, err = c.adapt(h, own, method)
		}
		return h, err
	}
}

// adapt returns a handler that takes what the other side writes: h itself, where
// the method is the same on both sides or was not described.
func (c *callers) adapt(h codec.Handler, own *codec.Contract, method string) (codec.Handler, error) {
	c.mu.Lock()
	theirs := c.contracts[own.Name]
	c.mu.Unlock()
	name := strings.TrimPrefix(method, own.Name+".")
	mine, caller := methodNamed(own, name), methodNamed(theirs, name)
	if caller == nil || caller.Fingerprint == mine.Fingerprint {
		return h, nil
	}
	plan, mismatches := schema.Arguments(schema.New(theirs, "in the "+c.other), schema.New(own, inThe(c.other)), name)
	if len(mismatches) > 0 {
		m := mismatches[0]
		return nil, &ContractError{[]Mismatch{mismatch(own.Name, name, c.other, m.Writer, m.Reader, m.Reason)}}
	}
	if plan == nil {
		return h, nil
	}
	return func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		if !convert(dec, plan, c.limit) {
			return dec.Err()
		}
		return h(ctx, dec, enc)
	}, nil
}
