package random

import (
	"fmt"
	"slices"
	"strings"
)

// method is a method of an interface, or a function.
type method struct {
	name    string
	text    string   // its signature, as the interface has it
	ctx     bool     // the first parameter is a context
	params  []string // types of the others; that of a variadic one begins with ...
	results []string
	special bool // it is one of package io
}

// signature draws parameters and results.
func (d *drawer) signature(w want) *method {
	w.argument = false
	m := &method{ctx: d.rng.IntN(2) == 0}
	params := d.list(d.rng.IntN(3) > 0)
	if m.ctx {
		params.add(d.in("context", "Context"))
	}
	for range d.rng.IntN(4) {
		m.params = append(m.params, params.add(d.typ(w)))
	}
	if d.rng.IntN(5) == 0 {
		m.params = append(m.params, params.add("..."+d.typ(w)))
	}
	results := d.list(d.rng.IntN(3) == 0)
	results.taken = params.taken
	for range d.rng.IntN(4) {
		m.results = append(m.results, results.add(d.typ(w)))
	}
	if !d.failing || d.rng.IntN(2) == 0 {
		m.results = append(m.results, results.add(d.basic("error")))
	}
	m.text = params.String() + " " + results.String()
	return m
}

// list is what is written between the parentheses of a signature.
type list struct {
	d     *drawer
	named bool
	taken map[string]bool
	text  []string
}

func (d *drawer) list(named bool) *list { return &list{d: d, named: named, taken: map[string]bool{}} }

// add adds a type, and returns it.
func (l *list) add(t string) string {
	switch {
	case !l.named:
		l.text = append(l.text, t)
	case l.d.rng.IntN(8) == 0:
		l.text = append(l.text, "_ "+t)
	default:
		l.text = append(l.text, l.d.fresh(l.taken, anyName)+" "+t)
	}
	return t
}

func (l *list) String() string { return "(" + strings.Join(l.text, ", ") + ")" }

// drawMethod draws a method, or takes one that was drawn before.
func (d *drawer) drawMethod() *method {
	name := d.fresh(map[string]bool{}, exportedName)
	if m := d.methods[name]; m != nil {
		return m
	}
	m := &method{}
	d.methods[name] = m
	w := d.all(2)
	w.plain = !d.calls
	*m = *d.signature(w)
	m.name = name
	d.finished = append(d.finished, m)
	return m
}

// standard is a method of package io.
func (d *drawer) standard(name string) *method {
	bytes, number, long := "[]"+d.basic("byte"), d.basic("int"), d.basic("int64")
	m := map[string]*method{
		"Read":   {params: []string{bytes}, results: []string{number}},
		"Write":  {params: []string{bytes}, results: []string{number}},
		"ReadAt": {params: []string{bytes, long}, results: []string{number}},
		"Seek":   {params: []string{long, number}, results: []string{long}},
		"Close":  {},
	}[name]
	m.results = append(m.results, d.basic("error"))
	m.name, m.special = name, true
	m.text = "(" + strings.Join(m.params, ", ") + ") (" + strings.Join(m.results, ", ") + ")"
	return m
}

// iface draws an interface, whose embedded ones are declared before i.
func (d *drawer) iface(t *decl, i int) {
	var b strings.Builder
	fmt.Fprintf(&b, "type %s interface {\n", t.name)
	for range 1 + d.rng.IntN(4) {
		m := d.drawMethod()
		if t.add(m) && m.name != "" {
			fmt.Fprintf(&b, "\t%s%s\n", m.name, m.text)
		}
	}
	d.embed(&b, t, i)
	t.text = b.String() + "}"
	d.implement(t.name, implementation(t))
}

// add adds a method, unless it is there.
func (t *decl) add(m *method) bool {
	if slices.ContainsFunc(t.methods, func(other *method) bool { return other.name == m.name }) {
		return false
	}
	t.methods = append(t.methods, m)
	return true
}

// embed embeds interfaces of the package, and of package io.
func (d *drawer) embed(b *strings.Builder, t *decl, i int) {
	if i > 0 && d.rng.IntN(2) == 0 {
		if other := d.decls[d.rng.IntN(i)]; other.kind == ifaceKind {
			fmt.Fprintf(b, "\t%s\n", other.name)
			for _, m := range other.methods {
				t.add(m)
			}
		}
	}
	if d.rng.IntN(3) > 0 {
		return
	}
	for _, name := range []string{"Read", "Write", "ReadAt", "Seek", "Close"} {
		if d.rng.IntN(3) > 0 {
			continue
		}
		m := d.standard(name)
		if !t.add(m) || d.rng.IntN(2) == 0 {
			fmt.Fprintf(b, "\t%s\n", d.in("io", map[string]string{"Read": "Reader", "Write": "Writer", "ReadAt": "ReaderAt", "Seek": "Seeker", "Close": "Closer"}[name]))
		} else {
			fmt.Fprintf(b, "\t%s%s\n", name, m.text)
		}
	}
}

// literalIface draws an interface without a name.
func (d *drawer) literalIface() string {
	t := &decl{kind: ifaceKind, name: fmt.Sprintf("literal%d", len(d.literals))}
	var b strings.Builder
	b.WriteString("interface{ ")
	for range min(len(d.finished), d.rng.IntN(3)) {
		if m := d.finished[d.rng.IntN(len(d.finished))]; t.add(m) {
			fmt.Fprintf(&b, "%s%s; ", m.name, m.text)
		}
	}
	t.add(d.standard("Close"))
	fmt.Fprintf(&b, "%s }", d.in("io", "Closer"))
	d.literals = append(d.literals, t)
	d.implement(b.String(), implementation(t))
	return b.String()
}

// genericIface draws an interface with type parameters.
func (d *drawer) genericIface(t *decl) {
	params := "T " + d.basic("any")
	if len(t.params) > 1 {
		params += ", K " + d.basic("comparable")
	}
	err, last := d.basic("error"), t.params[len(t.params)-1]
	choice := []*method{
		{name: "GetOf", params: []string{last}, results: []string{"T", err}},
		{name: "AllOf", ctx: true, results: []string{"[]T", "*" + last, err}},
		{name: "PutOf", params: []string{"T", "..." + last}, results: []string{err}},
		{name: "EachOf", params: []string{"func(T) " + err}, results: []string{err}},
		{name: "SeqOf", results: []string{d.in("iter", "Seq2") + "[T, " + err + "]", err}},
		{name: "OtherOf", params: []string{self(t)}, results: []string{self(t), err}},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "type %s[%s] interface {\n", t.name, params)
	for _, m := range choice {
		if m.name != "GetOf" && d.rng.IntN(2) == 0 {
			continue
		}
		m.text = "("
		if m.ctx {
			m.text += d.in("context", "Context") + ", "
		}
		m.text += strings.Join(m.params, ", ") + ") (" + strings.Join(m.results, ", ") + ")"
		t.add(m)
		fmt.Fprintf(&b, "\t%s%s\n", m.name, m.text)
	}
	t.text = b.String() + "}"
}

// contract draws a contract: an interface, or another name of one.
func (d *drawer) contract(c *decl) {
	directive := "//pingo:plugin\n"
	if d.failing {
		directive = []string{"//pingo:plugin failure=panic\n", "//pingo:plugin failure=zero\n"}[d.rng.IntN(2)]
	}
	other := d.decls[d.rng.IntN(len(d.decls))]
	is := []string{" ", " = "}[d.rng.IntN(2)]
	switch other.kind {
	case ifaceKind, genericIfaceKind:
		w := d.all(1)
		c.text = "type " + c.name + is + d.instance(other, w)
		c.kind = aliasKind // of what other has
		c.methods = other.methods
		c.params = nil
		d.implement(c.name, d.made[strings.TrimPrefix(c.text, "type "+c.name+is)])
	default:
		d.iface(c, len(d.decls))
	}
	c.text = directive + c.text
}

// implement notes how an interface is implemented.
func (d *drawer) implement(text, by string) {
	if d.made[text] == "" {
		d.order = append(d.order, text)
	}
	d.made[text] = by
}

func implementation(t *decl) string { return "impl_" + t.name }
