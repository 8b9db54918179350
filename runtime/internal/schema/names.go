package schema

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"
)

// startsOpaque tells what is not known by its structure: channels of both
// directions. Give what comes to travel a kind of its own, and a case in
// comparer.structure.
func (p *parser) startsOpaque() bool { return strings.HasPrefix(p.rest(), "chan ") }

// balanced goes on up to what ends a type: a comma, a semicolon or a bracket of
// what stands around it.
func (p *parser) balanced() {
	open := 0
	for p.pos < len(p.text) {
		switch b := p.text[p.pos]; {
		case b == '(' || b == '[' || b == '{':
			open++
		case open == 0 && strings.IndexByte(")]},;", b) >= 0:
			return
		case b == ')' || b == ']' || b == '}':
			open--
		case b == '"':
			p.quoted()
			continue
		}
		p.pos++
	}
	if open > 0 {
		p.fail("%v", errOpen)
	}
}

var errOpen = errors.New("a bracket is not closed")

// quoted goes over an import path.
func (p *parser) quoted() {
	q, err := strconv.QuotedPrefix(p.rest())
	if err != nil {
		p.fail("an import path is not quoted well")
		q = p.rest()
	}
	p.pos += len(q)
}

// name reads a type's name: of one of the contract's types, or predeclared.
func (p *parser) name() *typ {
	start := p.pos
	if strings.HasPrefix(p.rest(), `"`) {
		p.quoted()
		p.expect(".")
	}
	if p.identifier() == "" {
		p.fail("a type is missing")
	}
	if p.accept(".") && p.identifier() == "" {
		p.fail("a type's name is missing")
	}
	if p.accept("[") { // type arguments are part of the name
		for p.balanced(); p.accept(", "); p.balanced() {
		}
		p.expect("]")
	}
	return p.lookUp(start, p.text[start:p.pos])
}

func (p *parser) lookUp(start int, name string) *typ {
	c := p.contract
	if t := c.named[name]; t != nil {
		return t
	}
	if _, ok := c.definitions[name]; ok {
		t := p.node(start, &typ{name: name})
		c.named[name] = t
		c.unread = append(c.unread, t)
		return t
	}
	if t := predeclared()[name]; t != nil {
		return t
	}
	t := p.node(start, &typ{kind: opaque, name: name})
	c.named[name] = t
	return t
}

// predeclared are the types that need no definition. They are made when they are asked for first: a
// program whose contracts are all the same on the other side does not need them.
var predeclared = sync.OnceValue(func() map[string]*typ {
	all := basicTypes()
	for name, t := range all {
		t.written = name
	}
	maps.Copy(all, logTypes())
	maps.Copy(all, handleTypes())
	return all
})

func basicTypes() map[string]*typ {
	return map[string]*typ{
		"any":         {kind: dynamic},
		"bool":        {kind: boolean},
		"byte":        {kind: unsigned, bits: 8},
		"complex64":   {kind: complexNumber, bits: 64},
		"complex128":  {kind: complexNumber, bits: 128},
		"error":       {kind: failure},
		"float32":     {kind: float, bits: 32},
		"float64":     {kind: float, bits: 64},
		"int":         {kind: signed, bits: 64},
		"int8":        {kind: signed, bits: 8},
		"int16":       {kind: signed, bits: 16},
		"int32":       {kind: signed, bits: 32},
		"int64":       {kind: signed, bits: 64},
		"rune":        {kind: signed, bits: 32},
		"string":      {kind: text},
		"uint":        {kind: unsigned, bits: 64},
		"uint8":       {kind: unsigned, bits: 8},
		"uint16":      {kind: unsigned, bits: 16},
		"uint32":      {kind: unsigned, bits: 32},
		"uint64":      {kind: unsigned, bits: 64},
		"time.Time":   {kind: instant},
		`"time".Time`: {kind: instant},
	}
}

// isHandle tells of the types in predeclared whose pointers are descriptors of the system.
func isHandle(t *typ) bool { return t.kind == opaque && handleTypes()[t.written] == t }

var handleTypes = sync.OnceValue(func() map[string]*typ {
	all := map[string]*typ{}
	for _, name := range []string{"os.File", "net.TCPConn", "net.UDPConn", "net.UnixConn", "net.IPConn", "net.TCPListener", "net.UnixListener"} {
		t := &typ{kind: opaque, written: name}
		pkg, short, _ := strings.Cut(name, ".")
		all[name], all[`"`+pkg+`".`+short] = t, t
	}
	return all
})

// logTypes are those of log/slog, which travel by the structure that they have for
// whoever uses them.
func logTypes() map[string]*typ {
	value := &typ{kind: dynamic, written: "slog.Value"}
	text := &typ{kind: text, written: "string"}
	attr := &typ{kind: structure, written: "slog.Attr", fields: []field{{"Key", text}, {"Value", value}}}
	record := &typ{kind: structure, written: "slog.Record", fields: []field{
		{"Time", &typ{kind: instant, written: "time.Time"}},
		{"Level", &typ{kind: signed, bits: 64, written: "int"}},
		{"Message", text},
		{"Attrs", &typ{kind: slice, elem: attr, written: "[]slog.Attr"}},
	}}
	return map[string]*typ{
		"slog.Value": value, "slog.Attr": attr, "slog.Record": record,
		`"log/slog".Value`: value, `"log/slog".Attr`: attr, `"log/slog".Record`: record,
	}
}

// markers are the definitions of types that travel through methods of their own.
var markers = []string{"proto.Message", "encoding.BinaryMarshaler", "encoding.TextMarshaler", "gob.GobEncoder"}
