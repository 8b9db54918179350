package codec

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Optional methods are those of interfaces that a value may implement beside the
// one that it is served as. A service of a value without them lacks them; a
// reference to a value with them says which.

// Optional is for a service of v, whose contract has methods that v has only if
// it is a T. If it is none, they are not served.
func Optional[T any](s *Service, v any, methods ...string) {
	if _, ok := v.(T); ok {
		s.has = append(s.has, methods...)
		return
	}
	s.lacks = append(s.lacks, methods...)
	for _, m := range methods {
		if i, ok := s.index([]byte(m)); ok {
			s.Handlers[i] = nil
		}
	}
}

// Served returns the service without what its value lacks, as it is described to
// the other side.
func (s *Service) Served() *Service {
	if len(s.lacks) == 0 {
		return s
	}
	contract, served := *s.Contract, *s
	contract.Methods, served.Handlers = nil, nil
	for i, m := range s.Contract.Methods {
		if !slices.Contains(s.lacks, m.Name) {
			contract.Methods = append(contract.Methods, m)
			served.Handlers = append(served.Handlers, s.Handlers[i])
		}
	}
	served.Contract, served.lacks = &contract, nil
	return &served
}

// Lacks reports whether a call failed because there is no such method.
func Lacks(err error) bool { return errors.Is(err, ErrUnimplemented) }

// Has reports whether the value has all of some optional methods.
func (r *Reference) Has(methods ...string) bool {
	for _, m := range methods {
		if !slices.Contains(r.optional, m) {
			return false
		}
	}
	return true
}

// CallOptional calls an optional method of the value. It fails with
// ErrUnimplemented, and sends nothing, if the value does not have it.
func (r *Reference) CallOptional(ctx context.Context, method string, args, reply any) error {
	if !r.Has(method) {
		return fmt.Errorf("%w: the value has no method %s", ErrUnimplemented, method)
	}
	return r.CallContext(ctx, method, args, reply)
}

// maxOptional bounds the optional methods that a reference mentions.
const maxOptional = 64

// optionalMethods reads the names of the optional methods that a reference has.
func (d *Decoder) optionalMethods() []string {
	n := d.Uint64()
	if n > maxOptional {
		d.Fail(fmt.Errorf("a reference with %d optional methods; %d are allowed", n, maxOptional))
		return nil
	}
	names := make([]string, n)
	for i := range names {
		names[i] = d.String()
	}
	return names
}
