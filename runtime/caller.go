package pingo

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Caller makes calls. A *Plugin is one; generated clients are built on any.
type Caller interface {
	// CallContext calls the method "Object.Method" with args and fills reply.
	// It returns as soon as ctx ends, which is not nil.
	CallContext(ctx context.Context, method string, args, reply any) error
}

// Bind tells c which contract a generated client will use, and returns the
// Caller that the client is to use. Generated constructors call it.
//
// A Plugin compares a contract that is bound before Start with the plugin's own
// when it starts. Host and plugin may have been built from different versions
// of the interface: where a method has got or lost parameters, results or fields
// of structs, or has them in another order, what one side sends is converted to
// what the other one expects, and what the sender does not know is zero there.
// What is passed by reference or streamed is not converted: interfaces may get and
// lose methods, and nothing else that they mention may change.
// If a method has changed in any other way, the plugin is refused with a
// [*ContractError] rather than misread at some call. A contract that is bound
// later is compared at the first call, whose error it then is. A method that the
// plugin does not have fails when it is called, with ErrUnimplemented; the call
// is not sent. [Plugin.Implements] tells in advance.
//
// All clients of one Plugin that are bound to contracts of one name have to be
// of one version. A client of the host's (see [Host]) compares at its first call. A
// Caller of any other type is returned unchanged. A nil one is a mistake of the program, and panics.
func Bind(c Caller, contract *codec.Contract) Caller {
	if c == nil {
		panic("pingo: nil Caller: pass what is to be called, usually a *pingo.Plugin, to the function that makes a client")
	}
	s, ok := c.(side)
	if !ok || contract == nil {
		return c
	}
	s.bind(contract)
	return &boundCaller{side: s, contract: contract, special: specialOf(contract)}
}

// side is who a Caller calls: a *Plugin, or the host.
type side interface {
	// link waits until calls can be made, over another link than after.
	link(ctx context.Context, after *link) (*link, error)
	// another tells whether there is, or may come to be, another link than after,
	// which takes no more calls.
	another(after *link) bool
	// callFailed is told of a call's error that is the caller's to see.
	callFailed(method string, err error)
	// refused is the error of a call that was not made.
	refused(method string, err error) error
	// standsStill tells whether clocks do, since the other side is being debugged.
	standsStill() bool
	// interceptors are what calls run within.
	interceptors() []Interceptor
	// callOf is what they see of a call.
	callOf(method string, args, reply any) *Call
	// counted is where calls of a method are counted, nil for nowhere.
	counted(method string) *methodCounts
	// bind notes a contract that calls will be made by.
	bind(*codec.Contract)
}

func (p *Plugin) bind(contract *codec.Contract) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.started {
		p.bound = append(p.bound, contract)
	} else if !slices.Contains(p.late, contract) {
		p.late = append(p.late, contract)
	}
}

// contracts are those that the process has registered that takes calls, or was the last to, and those that clients are
// bound to, whenever that was.
func (p *Plugin) contracts() (offered []codec.Contract, bound []*codec.Contract) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.offered, slices.Concat(p.bound, p.late)
}

// boundTo are the contracts of a name that clients are bound to.
func (p *Plugin) boundTo(name string) []*codec.Contract {
	_, bound := p.contracts()
	return slices.DeleteFunc(bound, func(c *codec.Contract) bool { return c.Name != name })
}

// boundCaller calls the methods of one contract.
type boundCaller struct {
	side     side
	contract *codec.Contract
	special  map[string]*codec.Method // "Contract.Method" whose calls are made otherwise than most; nil for none
	last     atomic.Pointer[fit]      // with the link that was called last
}

// ordinary is how most calls are made.
var ordinary codec.Method

// specialOf are the methods whose directives say how they are called.
func specialOf(contract *codec.Contract) map[string]*codec.Method {
	var special map[string]*codec.Method
	for i := range contract.Methods {
		m := &contract.Methods[i]
		if m.Idempotent || m.Timeout > 0 || m.Oneway {
			if special == nil {
				special = map[string]*codec.Method{}
			}
			special[contract.Name+"."+m.Name] = m
		}
	}
	return special
}

func (b *boundCaller) CallContext(ctx context.Context, method string, args, reply any) error {
	how := &ordinary
	if b.special != nil && b.special[method] != nil {
		how = b.special[method]
	}
	return (&request{side: b.side, by: b, how: how, method: method, args: args, reply: reply}).deliver(ctx)
}

// fit is how the contract fits the other side of l.
func (b *boundCaller) fit(l *link) *fit {
	f := b.last.Load()
	if f == nil || f.clients != &l.clients {
		f = l.clients.fit(b.contract, l.peer.Contracts, l.conn)
		b.last.Store(f)
	}
	return f
}
