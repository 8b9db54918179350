// Package schema makes messages of one version of a contract readable for another.
//
// Both sides of a connection know the other's codec.Contract: methods and types
// in Go syntax. A Contract here is one that can be compared; its text is parsed
// (parse.go) when a method is asked for. Arguments and Results compare what one
// side writes with what the other reads (compare.go, match.go). If they fit, the
// outcome is a Plan, which rewrites the writer's bytes into those that the
// reader's generated decoder expects (rewrite.go); if not, it is a list of
// places where they differ.
//
// The text comes from the other side, which may lie. What is parsed, compared
// and written is bounded, and a lie costs the liar its own calls only.
package schema

import (
	"fmt"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Contract is a codec.Contract that can be compared. It is for one goroutine at a time.
type Contract struct {
	where       string // "in the plugin" or "here", for messages
	described   *codec.Contract
	definitions map[string]string // by the types' names
	named       map[string]*typ   // types that were met, by name
	unread      []*typ            // of these, whose definitions were not parsed yet
	nodes       int               // parsed so far
	err         error             // why nothing more can be parsed
}

// New returns a Contract that is not parsed yet. Messages say where it is from:
// "in the plugin".
func New(described *codec.Contract, where string) *Contract {
	c := &Contract{where: where, described: described, definitions: map[string]string{}, named: map[string]*typ{}}
	for _, t := range described.Types {
		c.definitions[t.Name] = t.Definition
	}
	return c
}

// method parses a method, and all types that it reaches. What cannot be parsed
// spoils the contract.
func (c *Contract) method(name string) (m method, err error) {
	if c.err != nil {
		return m, c.err
	}
	for _, d := range c.described.Methods {
		if d.Name != name {
			continue
		}
		p := parser{contract: c, text: d.Signature}
		m = p.signature()
		if p.err != nil {
			c.err = fmt.Errorf("the signature of %s: %w", name, p.err)
			return m, c.err
		}
		c.err = c.readAll()
		return m, c.err
	}
	return m, fmt.Errorf("there is no method %s", name)
}

// readAll parses the definitions of types that were met, and of those met there.
func (c *Contract) readAll() error {
	for len(c.unread) > 0 {
		t := c.unread[0]
		c.unread = c.unread[1:]
		p := parser{contract: c, text: c.definitions[t.name]}
		p.define(t)
		if p.err != nil {
			return fmt.Errorf("the type %s: %w", clip(t.name), p.err)
		}
	}
	return nil
}

// kind is how a value travels.
type kind uint8

const (
	invalid kind = iota
	boolean
	signed   // bits
	unsigned // bits
	float    // bits
	complexNumber
	text      // string
	bytes     // []byte
	byteArray // length
	slice     // elem
	array     // elem, length
	mapping   // key, elem
	pointer   // elem
	structure // fields
	instant   // time.Time
	failure   // error
	dynamic   // a value with its type: any, or slog.Value
	marshaled // by its own methods: written and name tell which
	object    // an interface, by reference: fields are its methods
	function  // by reference: fields are its parameters, of which there are length, and its results
	receiver  // <-chan elem
	sender    // chan<- elem
	handle    // a pointer to os.File, or to a connection or listener of package net: elem
	opaque    // whatever else there will be: nothing is known of its bytes
)

// typ is a type of a contract. Recursive types are cycles.
type typ struct {
	kind      kind
	bits      int
	length    int64
	key, elem *typ
	fields    []field
	name      string // as the contract writes it; "" if it has none or is predeclared
	written   string // its definition, or itself if it has no name
}

// String returns the type as the contract writes it.
func (t *typ) String() string {
	if t.name != "" {
		return t.name
	}
	return t.written
}

// field is a field of a struct, a parameter or a result.
type field struct {
	name string // "" if a parameter or result has none
	typ  *typ
}

// method is a parsed signature.
type method struct{ params, results []field }
