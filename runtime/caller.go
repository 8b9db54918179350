package pingo

import (
	"context"
	"fmt"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Caller makes calls. A *Plugin is one; generated clients are built on any.
type Caller interface {
	// CallContext calls the method "Object.Method" with args and fills reply.
	// It returns as soon as ctx ends.
	CallContext(ctx context.Context, method string, args, reply any) error
}

// Bind tells c which contract a generated client will use, and returns the
// Caller that the client is to use. Generated constructors call it.
//
// A Plugin compares a contract that is bound before Start with the plugin's own
// when it starts: if a method that both have differs between them, the plugin is
// refused with a [*ContractError] rather than misread at some call. A contract
// that is bound later is compared at the first call, whose error it then is. A
// method that the plugin does not have fails when it is called, with
// ErrUnimplemented. A Caller of any other type is returned unchanged.
func Bind(c Caller, contract *codec.Contract) Caller {
	p, ok := c.(*Plugin)
	if !ok || contract == nil {
		return c
	}
	p.bind(contract)
	return &boundCaller{plugin: p, contract: contract}
}

func (p *Plugin) bind(contract *codec.Contract) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.started {
		p.bound = append(p.bound, contract)
	}
}

// boundCaller calls the methods of one contract.
type boundCaller struct {
	plugin   *Plugin
	contract *codec.Contract

	compare sync.Once        // protects following
	missing map[string]error // by "Contract.Method"; nil if the plugin has all of them
	err     error            // why no method can be called
}

func (b *boundCaller) CallContext(ctx context.Context, method string, args, reply any) error {
	s, err := b.plugin.await(ctx)
	if err != nil {
		return b.plugin.refused(method, err)
	}
	b.compare.Do(func() { b.missing, b.err = compare(b.contract, s.peer.Contracts) })
	if b.err != nil {
		return b.plugin.refused(method, b.err)
	}
	if b.missing != nil && b.missing[method] != nil {
		return b.plugin.refused(method, b.missing[method])
	}
	return s.call(ctx, method, args, reply)
}

// compare says which methods of want the plugin lacks, and refuses a plugin
// that means something else by one of them.
func compare(want *codec.Contract, offered []codec.Contract) (missing map[string]error, err error) {
	have := map[string]*codec.Method{}
	found := false
	for i := range offered {
		if offered[i].Name == want.Name {
			found = true
			for j := range offered[i].Methods {
				have[offered[i].Methods[j].Name] = &offered[i].Methods[j]
			}
		}
	}
	for _, m := range want.Methods {
		switch other := have[m.Name]; {
		case other == nil:
			if missing == nil {
				missing = map[string]error{}
			}
			missing[want.Name+"."+m.Name] = lacks(found, want.Name, m.Name)
		case other.Fingerprint != m.Fingerprint:
			return nil, &ContractError{Contract: want.Name, Method: m.Name, Plugin: other.Signature, Host: m.Signature}
		}
	}
	return missing, nil
}

// lacks is the error of a call that the plugin cannot answer.
func lacks(contract bool, name, method string) error {
	if !contract {
		return fmt.Errorf("%w: the plugin does not register %s", ErrUnimplemented, name)
	}
	return fmt.Errorf("%w: %s has no method %s in the plugin, which may be older than this program", ErrUnimplemented, name, method)
}
