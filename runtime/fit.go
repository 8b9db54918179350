package pingo

import (
	"fmt"
	"slices"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// The sides of a connection, as errors call them.
const (
	pluginName = "plugin"
	hostName   = "host"
)

// inThe tells where something is of which the other side has its own.
func inThe(other string) string {
	if other == hostName {
		return "in the plugin"
	}
	return "in the host"
}

// fit is what a client's contract and the plugin's make of each other. Methods
// are called "Contract.Method" in it.
type fit struct {
	clients  *clients // of the link for which this holds
	contract *codec.Contract
	other    string                  // side that has the methods
	err      error                   // why no method can be called
	missing  map[string]error        // of methods that the plugin lacks: why; nil if it has all of them
	results  map[string]*schema.Plan // of methods whose results the plugin writes in another way
	differs  []string                // methods that both have and describe differently, without the contract's name
}

// newFit compares what a client wants with what the plugin has. If err is set,
// it is a *ContractError that tells of every method that does not fit. The other
// side is a plugin or a host.
func newFit(want *codec.Contract, offered []codec.Contract, other string) *fit {
	f := &fit{contract: want, other: other}
	have := contractNamed(offered, want.Name)
	var here, there *schema.Contract
	var mismatches []Mismatch
	for _, m := range want.Methods {
		name := want.Name + "." + m.Name
		theirs := methodNamed(have, m.Name)
		if theirs == nil {
			f.lack(name, lacks(have != nil, want.Name, m.Name, other))
			continue
		}
		if theirs.Fingerprint == m.Fingerprint {
			continue
		}
		if here == nil {
			here, there = schema.New(want, inThe(other)), schema.New(have, "in the "+other)
		}
		f.differs = append(f.differs, m.Name)
		mismatches = append(mismatches, f.convert(name, m.Name, here, there)...)
	}
	if len(mismatches) > 0 {
		f.err = &ContractError{Mismatches: mismatches}
	}
	return f
}

func contractNamed(list []codec.Contract, name string) *codec.Contract {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

func methodNamed(c *codec.Contract, name string) *codec.Method {
	if c == nil {
		return nil
	}
	for i := range c.Methods {
		if c.Methods[i].Name == name {
			return &c.Methods[i]
		}
	}
	return nil
}

// lack notes a method that the plugin cannot answer.
func (f *fit) lack(name string, why error) {
	if f.missing == nil {
		f.missing = map[string]error{}
	}
	f.missing[name] = why
}

func lacks(contract bool, name, method, other string) error {
	if !contract {
		return fmt.Errorf("%w: the %s does not register %s: its program has to call Register%s", ErrUnimplemented, other, name, name)
	}
	return fmt.Errorf("%w: %s has no method %s in the %s, which may be older than this program", ErrUnimplemented, name, method, other)
}

// convert plans how the results of a method become this side's, and checks that
// the plugin can do the same with the arguments.
func (f *fit) convert(name, method string, here, there *schema.Contract) []Mismatch {
	_, arguments := schema.Arguments(here, there, method)
	plan, results := schema.Results(there, here, method)
	if plan != nil {
		if f.results == nil {
			f.results = map[string]*schema.Plan{}
		}
		f.results[name] = plan
	}
	var list []Mismatch
	for _, m := range arguments {
		list = append(list, mismatch(f.contract.Name, method, f.other, m.Reader, m.Writer, m.Reason))
	}
	for _, m := range results {
		list = append(list, mismatch(f.contract.Name, method, f.other, m.Writer, m.Reader, m.Reason))
	}
	return slices.Compact(list) // what cannot be parsed fails both ways
}

// mismatch is one that the side other does not share with this one.
func mismatch(contract, method, other string, theirs, mine schema.Part, reason string) Mismatch {
	m := Mismatch{Contract: contract, Method: method, Plugin: Part(theirs), Host: Part(mine), Reason: reason}
	if other == hostName {
		m.Plugin, m.Host = m.Host, m.Plugin
	}
	return m
}

// refusal is why calls of a method are not made.
func (f *fit) refusal(method string) error {
	if f.err == nil && f.missing != nil {
		return f.missing[method]
	}
	return f.err
}

// into returns what the reply of a method is decoded by.
func (f *fit) into(reply any, method string, limit int) any {
	if f.results == nil || f.results[method] == nil {
		return reply
	}
	if m, ok := reply.(codec.Message); ok {
		return &converted{m, f.results[method], limit}
	}
	return reply
}

// converted is a message that the other side has written by its version of a contract.
type converted struct {
	codec.Message
	plan  *schema.Plan
	limit int
}

// Decode implements codec.Message.
func (m *converted) Decode(d *codec.Decoder) {
	if convert(d, m.plan, m.limit) {
		m.Message.Decode(d)
	}
}

// convert makes what d holds this side's, or fails d.
func convert(d *codec.Decoder, plan *schema.Plan, limit int) bool {
	msg, err := plan.Rewrite(d.Rest(), limit)
	if err != nil {
		d.Fail(err)
		return false
	}
	d.Replace(msg)
	return true
}
