package schema

import (
	"errors"
	"strings"
)

// What stays where it is travels as a reference: a byte that says which, and a
// number unless that is 0. So do files and sockets, which do not stay. The messages of its methods, and the items of streams,
// are never converted, so both sides have to mean the same by it; of two interfaces
// that have not the same methods, the methods that both have (same.go).

// reference reads an interface, a function or a channel, if one comes next.
func (p *parser) reference() *typ {
	start := p.pos
	switch {
	case p.accept("interface{"):
		return p.node(start, &typ{kind: object, fields: p.methods()})
	case strings.HasPrefix(p.rest(), "func("):
		p.expect("func")
		return p.function(start)
	case p.accept("<-chan "):
		return p.node(start, &typ{kind: receiver, elem: p.typ()})
	case p.accept("chan<- "):
		return p.node(start, &typ{kind: sender, elem: p.typ()})
	}
	return nil
}

// methods reads "Close() error; Read([]byte) (int, error)}".
func (p *parser) methods() []field {
	var list []field
	for p.err == nil && !p.accept("}") {
		if len(list) > 0 {
			p.expect("; ")
		}
		name := p.identifier()
		if name == "" {
			p.fail("a method has no name")
		}
		list = append(list, field{name, p.function(p.pos)})
	}
	return list
}

// function reads "(string, int) (string, error)", whose results may be one without
// parentheses, or none.
func (p *parser) function(start int) *typ {
	if p.nesting++; p.nesting > maxNesting {
		p.fail("types are nested deeper than %d levels", maxNesting)
	}
	defer func() { p.nesting-- }()
	p.expect("(")
	t := &typ{kind: function, fields: p.types()}
	t.length = int64(len(t.fields))
	switch {
	case p.accept(" ("):
		t.fields = append(t.fields, p.types()...)
	case p.accept(" "):
		t.fields = append(t.fields, field{typ: p.typ()})
	}
	return p.node(start, t)
}

// types reads "string, ...int)". Names that stand there make no difference.
func (p *parser) types() []field {
	var list []field
	for p.err == nil && !p.accept(")") {
		if len(list) > 0 {
			p.expect(", ")
		}
		p.paramName()
		list = append(list, field{typ: p.paramType()})
	}
	return list
}

// reference goes over one.
func (x *rewriter) reference() {
	switch x.uvarint() {
	case 0:
	case 1, 2:
		x.uvarint()
	case 4:
		x.uvarint()
		x.skip(x.uvarint())
	case 3:
		x.uvarint()
		for n := x.uvarint(); n > 0 && x.err == nil; n-- {
			x.skip(x.uvarint())
		}
	default:
		x.fail(errors.New("a reference of an unknown kind"))
	}
}
