package random

import (
	"fmt"
	"strings"
)

// want says where a type is drawn for.
type want struct {
	depth    int      // how far it may be composed
	key      bool     // a map's key
	argument bool     // a type argument, which has to be written by name
	before   int      // of what is declared from here on there may be no values, only pointers and the like
	plain    bool     // nothing that is passed by reference
	params   []string // type parameters that are in scope
}

// all is any type, where declarations do not contain each other.
func (d *drawer) all(depth int) want { return want{depth: depth, before: len(d.decls)} }

// down is for a part of a type. Behind a pointer there may be anything.
func (w want) down() want {
	w.depth--
	return w
}

func (d *drawer) behind(w want) want {
	w.before = len(d.decls)
	return w.down()
}

var basics = strings.Fields(`bool string int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64
	float32 float64 complex64 complex128 byte rune string int`)

// typ draws a type.
func (d *drawer) typ(w want) string {
	if w.key {
		return d.keyType(w)
	}
	if len(w.params) > 0 && d.rng.IntN(3) == 0 {
		return w.params[d.rng.IntN(len(w.params))]
	}
	if w.depth <= 0 {
		return d.leaf(w)
	}
	b := d.behind(w)
	switch n := d.rng.IntN(24); {
	case n < 5:
		return d.leaf(w)
	case n < 9:
		return d.declared(w)
	case n < 11:
		return "[]" + d.typ(b)
	case n < 12:
		return fmt.Sprintf("[%d]%s", d.rng.IntN(4), d.typ(w.down()))
	case n < 14:
		return fmt.Sprintf("map[%s]%s", d.keyType(b), d.typ(b))
	case n < 16:
		return "*" + d.typ(b)
	case n < 17:
		return d.literalStruct(w.down())
	case w.plain || !d.calls:
		return d.leaf(w)
	case n < 20 && !w.argument:
		return d.stream(b)
	case n < 21 && !w.argument && len(w.params) == 0:
		return d.literalIface()
	case n < 22:
		b.argument = true
		return d.in(plainPath, "Box") + "[" + d.typ(b) + "]"
	}
	return d.standardIface()
}

func (d *drawer) leaf(w want) string {
	switch d.rng.IntN(12) {
	case 0:
		return d.in("time", "Time")
	case 1:
		return d.in("time", "Duration")
	case 2:
		return "[]" + d.basic("byte")
	case 3:
		return d.basic("error")
	case 4:
		return d.in(plainPath, []string{"Point", "Level", "Sealed"}[d.rng.IntN(3)])
	case 5:
		if d.rng.IntN(2) == 0 {
			return d.basic("any")
		}
		return []string{"*" + d.in("math/big", "Int"), d.in("net/netip", "Addr"), "struct{}"}[d.rng.IntN(3)]
	case 6, 7:
		if w.depth > -1 {
			w.depth = -1
			return d.declared(w)
		}
	}
	return d.basic(basics[d.rng.IntN(len(basics))])
}

// declared mentions a type that the package declares.
func (d *drawer) declared(w want) string {
	if d.calls && !w.plain && !w.key && d.rng.IntN(12) == 0 {
		return d.contracts[d.rng.IntN(len(d.contracts))].name
	}
	for range 8 {
		i := d.rng.IntN(len(d.decls))
		t := d.decls[i]
		stays := t.kind == ifaceKind || t.kind == genericIfaceKind || t.kind == streamKind
		switch {
		case i >= w.before, w.key && !t.key, w.plain && (stays || t.kind != basicKind && t.kind != keyKind && t.kind != marshalKind):
		case len(t.params) > 0 && w.depth < 0:
		case len(t.params) > 0 && len(w.params) > 0: // instances would have no end
		default:
			return d.instance(t, w)
		}
	}
	return d.basic("string")
}

// instance mentions a type with arguments, if it has parameters.
func (d *drawer) instance(t *decl, w want) string {
	if len(t.params) == 0 {
		return t.name
	}
	w.argument = true
	var args []string
	for i := range t.params {
		arg := w.down()
		arg.key = i == 1
		args = append(args, d.typ(arg))
	}
	text := t.name + "[" + strings.Join(args, ", ") + "]"
	if t.kind == genericIfaceKind {
		d.implement(text, implementation(t)+"["+strings.Join(args, ", ")+"]")
	}
	return text
}

// keyType draws the type of a map's key.
func (d *drawer) keyType(w want) string {
	w.key = true
	switch n := d.rng.IntN(10); {
	case n < 3:
		return d.declared(w)
	case n == 3 && w.depth > 0:
		return fmt.Sprintf("[%d]%s", 1+d.rng.IntN(2), d.keyType(w.down()))
	case n == 4:
		return d.in("net/netip", "Addr")
	case n == 5:
		return d.in(plainPath, "Level")
	}
	return d.basic(basics[d.rng.IntN(len(basics))])
}

func (d *drawer) literalStruct(w want) string {
	taken := map[string]bool{}
	var b strings.Builder
	b.WriteString("struct{ ")
	for range 1 + d.rng.IntN(3) {
		fmt.Fprintf(&b, "%s %s; ", d.fresh(taken, fieldName), d.typ(w))
	}
	return b.String() + "}"
}

// stream draws a function, a channel or a sequence.
func (d *drawer) stream(w want) string {
	switch d.rng.IntN(6) {
	case 0:
		return "<-chan " + d.element(w)
	case 1:
		return "chan<- " + d.element(w)
	case 2:
		w.argument = true
		if d.failing && d.rng.IntN(2) == 0 {
			return d.in("iter", "Seq") + "[" + d.typ(w) + "]"
		}
		return d.in("iter", "Seq2") + "[" + d.typ(w) + ", " + d.basic("error") + "]"
	case 3:
		if d.failing {
			return "func(func(" + d.typ(w) + ", " + d.typ(w) + ") " + d.basic("bool") + ")"
		}
		return "func(func(" + d.typ(w) + ", " + d.basic("error") + ") " + d.basic("bool") + ")"
	}
	m := d.signature(w)
	return "func" + m.text
}

// element is the type of a channel's elements: one that begins with an arrow would be read otherwise.
func (d *drawer) element(w want) string { return "(" + d.typ(w) + ")" }

// standardIface mentions an interface of another package.
func (d *drawer) standardIface() string {
	names := strings.Fields("Reader Writer ReadCloser WriteCloser ReadWriteCloser ReaderAt ReadSeeker ReadSeekCloser Closer")
	if d.rng.IntN(4) == 0 {
		return d.in(plainPath, "Named")
	}
	return d.in("io", names[d.rng.IntN(len(names))])
}

// body draws what a name stands for.
func (d *drawer) body(i int, t *decl) {
	w := want{depth: 2, before: i, plain: !d.calls}
	switch t.kind {
	case basicKind:
		t.text = "type " + t.name + " " + d.basic(basics[d.rng.IntN(len(basics))])
	case keyKind:
		t.text = "type " + t.name + " struct {\n" + d.keyFields(w) + "}"
	case listKind:
		b := d.behind(w)
		t.text = "type " + t.name + " " + []string{"[]" + d.typ(b), "map[" + d.keyType(w) + "]" + d.typ(b), "*" + d.typ(b), "[]" + t.name, "map[" + d.basic("string") + "]" + t.name, "[]" + d.basic("byte")}[d.rng.IntN(6)]
	case structKind:
		t.text = "type " + t.name + " struct {\n" + d.fields(w, t) + "}"
	case aliasKind:
		w.before = i
		w.depth = 1
		t.text = "type " + t.name + " = " + d.aliased(i)
	case genericKind:
		d.generic(t, w)
	case ifaceKind:
		d.iface(t, i)
	case genericIfaceKind:
		d.genericIface(t)
	case streamKind:
		t.text = "type " + t.name + " " + d.stream(d.behind(w))
	case marshalKind:
		d.marshaler(t)
	case errorKind:
		d.errorStruct(t, w)
	}
}

// aliased is what an alias stands for: something without declarations that come later.
func (d *drawer) aliased(i int) string {
	if i > 0 {
		if t := d.decls[d.rng.IntN(i)]; len(t.params) == 0 {
			return []string{"", "[]", "*", "map[" + d.basic("string") + "]"}[d.rng.IntN(4)] + t.name
		}
	}
	return []string{d.basic("int"), "[]" + d.basic("string"), d.in("time", "Time"), "struct{ A, b " + d.basic("uint8") + " }"}[d.rng.IntN(4)]
}

func (d *drawer) keyFields(w want) string {
	taken := map[string]bool{}
	var b strings.Builder
	for range d.rng.IntN(4) {
		fmt.Fprintf(&b, "\t%s %s\n", d.fresh(taken, fieldName), d.keyType(w))
	}
	return b.String()
}

// fields draws the fields of a struct.
func (d *drawer) fields(w want, t *decl) string {
	taken := map[string]bool{}
	for _, m := range []string{"MarshalText", "UnmarshalText"} {
		taken[m] = true
	}
	var b strings.Builder
	for range d.rng.IntN(7) {
		switch d.rng.IntN(9) {
		case 0:
			if text, name := d.embedded(w); name != "" && !taken[name] {
				taken[name] = true
				fmt.Fprintf(&b, "\t%s\n", text)
			}
		case 1:
			fmt.Fprintf(&b, "\t_ %s\n", d.basic("int"))
		case 2:
			fmt.Fprintf(&b, "\t%s func() `doc:\"x\" pingo:\"-\"`\n", d.fresh(taken, fieldName))
		case 3:
			fmt.Fprintf(&b, "\t%s *%s `doc:\"next\"`\n", d.fresh(taken, fieldName), self(t))
		default:
			fmt.Fprintf(&b, "\t%s %s\n", d.fresh(taken, fieldName), d.typ(w))
		}
	}
	return b.String()
}

func self(t *decl) string {
	if len(t.params) == 0 {
		return t.name
	}
	return t.name + "[" + strings.Join(t.params, ", ") + "]"
}

// embedded draws an embedded field, and says its name.
func (d *drawer) embedded(w want) (text, name string) {
	i := d.rng.IntN(len(d.decls))
	t := d.decls[i]
	pointer := d.rng.IntN(2) == 0
	switch {
	case len(t.params) > 0, i >= w.before && !pointer, t.kind == aliasKind, t.kind == listKind, t.kind == streamKind, t.kind == ifaceKind && (pointer || i >= w.before):
		return "", ""
	case pointer:
		return "*" + t.name, t.name
	}
	return t.name, t.name
}

func (d *drawer) generic(t *decl, w want) {
	w.params = t.params
	params := "T " + d.basic("any")
	if len(t.params) > 1 {
		params += ", K " + d.basic("comparable")
	}
	body := "struct {\n" + d.fields(w, t) + "}"
	if len(t.params) == 1 && d.rng.IntN(3) == 0 {
		body = []string{"[]T", "map[" + d.basic("string") + "]*T", "*T", "[]" + self(t)}[d.rng.IntN(4)]
	}
	t.text = fmt.Sprintf("type %s[%s] %s", t.name, params, body)
}

// marshaler draws a type that carries itself.
func (d *drawer) marshaler(t *decl) {
	how := [][2]string{{"MarshalBinary", "UnmarshalBinary"}, {"GobEncode", "GobDecode"}, {"MarshalText", "UnmarshalText"}}[d.rng.IntN(3)]
	star := []string{"", "*"}[d.rng.IntN(2)]
	t.key = false
	t.text = fmt.Sprintf("type %s struct {\n\tn %s\n\ts %s\n}\n\n", t.name, d.basic("int64"), d.basic("string")) +
		fmt.Sprintf("func (t %s%s) %s() ([]%s, %s) { return %s(t.n, t.s) }\n\n", star, t.name, how[0], d.basic("byte"), d.basic("error"), d.in(plainPath, "Pack")) +
		fmt.Sprintf("func (t *%s) %s(b []%s) %s { return %s(b, &t.n, &t.s) }", t.name, how[1], d.basic("byte"), d.basic("error"), d.in(plainPath, "Unpack"))
}

// errorStruct draws a type of errors, and a variable.
func (d *drawer) errorStruct(t *decl, w want) {
	w.plain = true
	cause := d.rng.IntN(3) > 0
	star := []string{"", "*"}[d.rng.IntN(2)]
	taken := map[string]bool{"Cause": true}
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct {\n", t.name)
	for range d.rng.IntN(4) {
		fmt.Fprintf(&b, "\t%s %s\n", d.fresh(taken, fieldName), d.typ(w))
	}
	from := "t.Cause"
	if cause {
		fmt.Fprintf(&b, "\tCause %s\n", d.basic("error"))
	} else {
		from = d.in(plainPath, "New") + "(\"none\")"
	}
	fmt.Fprintf(&b, "}\n\nfunc (t %s%s) Error() %s { return %s(%q, %s) }\n", star, t.name, d.basic("string"), d.in(plainPath, "Text"), t.name, from)
	if cause {
		fmt.Fprintf(&b, "\nfunc (t %s%s) Unwrap() %s { return t.Cause }\n", star, t.name, d.basic("error"))
	}
	fmt.Fprintf(&b, "\nvar Err%s_ %s = %s(%q)", title(t.name), d.basic("error"), d.in(plainPath, "New"), "the error "+t.name)
	t.text = b.String()
	t.pointer = star != ""
}
