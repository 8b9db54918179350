// Package service is what one side of a connection has registered: generated
// adapters and net/rpc-style objects, found by "Object.Method".
//
// Nothing is decided by reflection when a call comes in: objects in the style of
// net/rpc are turned into handlers once, when they are registered (object.go),
// and their arguments travel as gob (gob.go).
package service

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/runtime/codec"
)

// ErrUnimplemented is in the error of Lookup when nothing of that name, or
// nothing that takes this encoding, is registered. It crosses to the caller.
var ErrUnimplemented = codec.ErrUnimplemented

// Registry holds registered objects. The zero value is empty and ready.
// Registering must be over before the first Lookup; Lookup may then be called
// from any goroutine.
type Registry struct {
	objects []*object          // in the order of registration
	methods map[string]*method // by "Object.Method"
}

// object is a registered service or net/rpc-style object.
type object struct {
	name    string
	service *codec.Service // nil for net/rpc-style objects
	methods []*method
}

// method is one method of an object.
type method struct {
	name      string // "Object.Method"
	signature string // Go syntax, for people; "" where the object's service has it
	gob       bool
	contract  *codec.Contract // nil for net/rpc-style objects
	handler   codec.Handler
}

// Register adds obj: a *codec.Service, or a value whose exported methods of the
// form func (T) M(args A, reply *R) error are to be called. An error says why
// obj cannot be registered, and nothing of it is then.
func (r *Registry) Register(obj any) error {
	if s, ok := obj.(*codec.Service); ok {
		return r.RegisterService(s)
	}
	o, err := fromReceiver(obj)
	if err != nil {
		return err
	}
	return r.add(o)
}

// RegisterService is Register for a *codec.Service.
func (r *Registry) RegisterService(s *codec.Service) error {
	o, err := fromService(s)
	if err != nil {
		return err
	}
	return r.add(o)
}

func (r *Registry) add(o *object) error {
	if r.has(o.name) {
		return fmt.Errorf("an object named %s is registered already", o.name)
	}
	if r.methods == nil {
		r.methods = make(map[string]*method)
	}
	r.objects = append(r.objects, o)
	for _, m := range o.methods {
		r.methods[m.name] = m
	}
	return nil
}

func (r *Registry) has(name string) bool {
	return slices.ContainsFunc(r.objects, func(o *object) bool { return o.name == name })
}

// fromService takes what a generated Register function hands over.
func fromService(s *codec.Service) (*object, error) {
	if s == nil || s.Contract == nil || s.Contract.Name == "" {
		return nil, errors.New("a codec.Service needs a contract with a name")
	}
	if s.Missing() {
		return nil, fmt.Errorf("the implementation of %s is nil", s.Contract.Name)
	}
	s = s.Served()
	c := s.Contract
	if len(s.Handlers) != len(c.Methods) {
		return nil, fmt.Errorf("service %s has %d handlers for %d methods; run go generate", c.Name, len(s.Handlers), len(c.Methods))
	}
	o := &object{name: c.Name, service: s}
	for i, m := range c.Methods {
		if s.Handlers[i] == nil {
			return nil, fmt.Errorf("service %s has no handler for %s; run go generate", c.Name, m.Name)
		}
		o.methods = append(o.methods, &method{
			name:     c.Name + "." + m.Name,
			contract: c,
			handler:  s.Handlers[i],
		})
	}
	return o, nil
}

// Lookup finds the handler of "Object.Method" for a call whose arguments are
// encoded with gob, or else by generated code. Its error wraps ErrUnimplemented
// and says what is there instead.
func (r *Registry) Lookup(name string, gob bool) (codec.Handler, error) {
	m := r.methods[name]
	switch {
	case m == nil:
		return nil, r.missing(name)
	case m.gob && !gob:
		return nil, fmt.Errorf("%w: %s is a method of a net/rpc-style object, which generated code cannot call; call it with plain Go values", ErrUnimplemented, name)
	case gob && !m.gob:
		return nil, fmt.Errorf("%w: %s is served by generated code; call it through the generated client, not with plain Go values", ErrUnimplemented, name)
	}
	return m.handler, nil
}

// Serves tells whether the object of "Object.Method" is registered.
func (r *Registry) Serves(name string) bool {
	object, _, ok := cutMethod(name)
	return ok && r.has(object)
}

// Clone returns a registry of what is registered now.
func (r *Registry) Clone() *Registry {
	return &Registry{objects: slices.Clone(r.objects), methods: maps.Clone(r.methods)}
}

// Contract returns the contract that "Object.Method" is a method of, nil if none is.
func (r *Registry) Contract(name string) *codec.Contract {
	if m := r.methods[name]; m != nil {
		return m.contract
	}
	return nil
}

// missing says how much of name is there.
func (r *Registry) missing(name string) error {
	objName, methodName, ok := cutMethod(name)
	if !ok {
		return fmt.Errorf("%w: %q is not of the form Object.Method", ErrUnimplemented, name)
	}
	for _, o := range r.objects {
		if o.name == objName {
			return fmt.Errorf("%w: %s has no method %s; it has %s", ErrUnimplemented, objName, methodName, o.list())
		}
	}
	if len(r.objects) == 0 {
		return fmt.Errorf("%w: nothing is registered", ErrUnimplemented)
	}
	return fmt.Errorf("%w: there is no object %s; registered are: %s", ErrUnimplemented, objName, strings.Join(r.Objects(), ", "))
}

// cutMethod splits at the last dot, as net/rpc does.
func cutMethod(name string) (object, method string, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return "", "", false
	}
	return name[:dot], name[dot+1:], true
}

func (o *object) list() string {
	var names []string
	for _, m := range o.methods {
		names = append(names, m.name[len(o.name)+1:])
	}
	return strings.Join(names, ", ")
}

// Objects lists the names of what is registered, in its order.
func (r *Registry) Objects() []string {
	names := make([]string, 0, len(r.objects))
	for _, o := range r.objects {
		names = append(names, o.name)
	}
	return names
}

// Contracts lists the contracts of the generated services, in the order of registration.
func (r *Registry) Contracts() []*codec.Contract {
	var contracts []*codec.Contract
	for _, o := range r.objects {
		if o.service != nil {
			contracts = append(contracts, o.service.Contract)
		}
	}
	return contracts
}

// Methods lists every method of the named object as people write it:
// "Greeter.SayHello(ctx context.Context, name string) (string, error)".
func (r *Registry) Methods(object string) []string {
	var methods []string
	for _, o := range r.objects {
		if o.name != object {
			continue
		}
		for i, m := range o.methods {
			signature := m.signature
			if o.service != nil {
				signature = o.service.Declared(o.service.Contract.Methods[i])
			}
			methods = append(methods, m.name+signature)
		}
	}
	return methods
}
