package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxNesting bounds the nesting of types within one definition.
	maxNesting = 100
	// maxNodes bounds the types that a contract consists of.
	maxNodes = 1 << 16
	// maxLength bounds arrays.
	maxLength = 1 << 40
)

// parser reads types as descriptions write them. After the first error it stays
// where it is and returns anything.
type parser struct {
	contract *Contract
	text     string
	pos      int
	nesting  int
	err      error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("at byte %d: %w", p.pos, fmt.Errorf(format, args...))
	}
}

func (p *parser) rest() string { return p.text[p.pos:] }

// accept goes over word if it comes next.
func (p *parser) accept(word string) bool {
	if p.err != nil || !strings.HasPrefix(p.rest(), word) {
		return false
	}
	p.pos += len(word)
	return true
}

func (p *parser) expect(word string) {
	if !p.accept(word) {
		p.fail("%q is missing", word)
	}
}

func (p *parser) end() {
	if p.pos < len(p.text) {
		p.fail("%.20q is too much", p.rest())
	}
}

// identifier goes over a name. It is empty if none comes next.
func (p *parser) identifier() string {
	start := p.pos
	for p.pos < len(p.text) && isLetter(p.text[p.pos]) {
		p.pos++
	}
	return p.text[start:p.pos]
}

// isLetter takes digits for letters, and every byte of a letter beyond ASCII.
func isLetter(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b >= 0x80
}

// signature reads "(name string) (string)".
func (p *parser) signature() method {
	var m method
	m.params = p.params()
	p.expect(" ")
	m.results = p.params()
	p.end()
	return m
}

func (p *parser) params() []field {
	var list []field
	p.expect("(")
	for p.err == nil && !p.accept(")") {
		if len(list) > 0 {
			p.expect(", ")
		}
		list = append(list, field{p.paramName(), p.paramType()})
	}
	return list
}

// paramName goes over a parameter's name and the space behind it, if it has one.
func (p *parser) paramName() string {
	start := p.pos
	name := p.identifier()
	if name == "" || name == "chan" || !p.accept(" ") {
		p.pos = start
		return ""
	}
	return name
}

func (p *parser) paramType() *typ {
	start := p.pos
	if p.accept("...") {
		return p.sliceOf(start)
	}
	return p.typ()
}

// define reads the definition of a named type: what no name of a contract's own
// type can stand for.
func (p *parser) define(t *typ) {
	d := predeclared()[p.text]
	if slices.Contains(markers, p.text) {
		d = &typ{kind: marshaled}
	}
	if d == nil {
		d = p.typ()
		p.end()
	}
	if d.name != "" && d.kind != opaque {
		p.fail("a definition is no more than the name %.20q", d.name)
	}
	name := t.name
	*t = *d
	t.name, t.written = name, p.text
}

// typ reads a type.
func (p *parser) typ() *typ {
	if p.nesting++; p.nesting > maxNesting {
		p.fail("types are nested deeper than %d levels", maxNesting)
	}
	defer func() { p.nesting-- }()
	start := p.pos
	switch {
	case p.err != nil:
		return &typ{}
	case p.accept("[]"):
		return p.sliceOf(start)
	case p.accept("["):
		return p.array(start)
	case p.accept("map["):
		key := p.typ()
		p.expect("]")
		return p.node(start, &typ{kind: mapping, key: key, elem: p.typ()})
	case p.accept("*"):
		elem := p.typ()
		if isHandle(elem) {
			return p.node(start, &typ{kind: handle, elem: elem})
		}
		return p.node(start, &typ{kind: pointer, elem: elem})
	case p.accept("struct{"):
		return p.node(start, &typ{kind: structure, fields: p.fields()})
	}
	if t := p.reference(); t != nil {
		return t
	}
	if p.startsOpaque() {
		p.balanced()
		return p.node(start, &typ{kind: opaque})
	}
	return p.name()
}

// node counts a type that is written from start on.
func (p *parser) node(start int, t *typ) *typ {
	t.written = p.text[start:p.pos]
	if p.contract.nodes++; p.contract.nodes > maxNodes {
		p.fail("there are more than %d types", maxNodes)
	}
	return t
}

// sliceOf reads the elements of a slice. Predeclared bytes are not elements.
func (p *parser) sliceOf(start int) *typ {
	elem := p.typ()
	if isByte(elem) {
		return p.node(start, &typ{kind: bytes})
	}
	return p.node(start, &typ{kind: slice, elem: elem})
}

func isByte(t *typ) bool { return t == predeclared()["byte"] || t == predeclared()["uint8"] }

func (p *parser) array(start int) *typ {
	digits := p.rest()[:len(p.rest())-len(strings.TrimLeft(p.rest(), "0123456789"))]
	p.pos += len(digits)
	length, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || length > maxLength {
		p.fail("the length of an array is not a number up to %d", int64(maxLength))
	}
	p.expect("]")
	elem := p.typ()
	t := &typ{kind: array, elem: elem, length: int64(length)}
	if isByte(elem) {
		t.kind, t.elem = byteArray, nil
	}
	return p.node(start, t)
}

func (p *parser) fields() []field {
	var list []field
	for p.err == nil && !p.accept("}") {
		if len(list) > 0 {
			p.expect("; ")
		}
		name := p.identifier()
		if name == "" {
			p.fail("a field has no name")
		}
		p.expect(" ")
		list = append(list, field{name, p.typ()})
	}
	return list
}
