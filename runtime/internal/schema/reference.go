package schema

import (
	"errors"
	"strings"
)

// What stays where it is travels as a reference: a byte that says which, and a
// number unless that is 0. So do files and sockets, which do not stay. The messages of its methods, and the items of streams,
// are never converted, so both sides have to mean the same by it; of two interfaces
// that have not the same methods, the methods that both have.

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

// reference compares two of what stays where it is.
func (c *comparer) reference(n *node, w, r *typ, at place) {
	n.op = opReference
	if !c.sameness.same(w, r) {
		c.refuse(w, r, at, "what is passed by reference has to be the same on both sides, with all that it mentions, but for methods that only one of them has")
	}
}

// sameness tells of pairs of types whether they are the same. Those that are being
// compared are, until something else is found.
type sameness map[pair]bool

// same tells whether values of two types have the same bytes and mean the same.
func (s sameness) same(w, r *typ) bool {
	this := pair{w, r, false}
	if known, ok := s[this]; ok {
		return known
	}
	s[this] = true
	s[this] = s.compare(w, r)
	return s[this]
}

func (s sameness) compare(w, r *typ) bool {
	if w.kind != r.kind || w.bits != r.bits || w.length != r.length {
		return false
	}
	switch w.kind {
	case opaque, invalid:
		return false
	case marshaled:
		return w.written == r.written && sameName(w.name, r.name)
	case object:
		return s.methods(w.fields, r.fields)
	case handle:
		return w.elem == r.elem
	}
	return s.parts(w, r)
}

func (s sameness) parts(w, r *typ) bool {
	if w.key != nil && !s.same(w.key, r.key) || w.elem != nil && !s.same(w.elem, r.elem) || len(w.fields) != len(r.fields) {
		return false
	}
	for i := range w.fields {
		if w.fields[i].name != r.fields[i].name || !s.same(w.fields[i].typ, r.fields[i].typ) {
			return false
		}
	}
	return true
}

// methods compares those that both interfaces have.
func (s sameness) methods(w, r []field) bool {
	byName := make(map[string]*typ, len(w))
	for _, m := range w {
		byName[m.name] = m.typ
	}
	for _, m := range r {
		if t := byName[m.name]; t != nil && !s.same(t, m.typ) {
			return false
		}
	}
	return true
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
