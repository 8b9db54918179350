package random

import (
	"fmt"
	"strings"
)

// implementFile is the file with implementations of all interfaces, and with a
// function that notes them.
func (d *drawer) implementFile(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "import probe_ %q\n", probePath)
	for _, t := range append(append(append([]*decl{}, d.decls...), d.literals...), d.contracts...) {
		if t.kind == ifaceKind || t.kind == genericIfaceKind {
			d.implementation(&b, t)
		}
	}
	b.WriteString("\nfunc Probe_() {\n")
	for _, text := range d.order {
		fmt.Fprintf(&b, "\tprobe_.Interface(func(o_ *probe_.Object) %s { return %s{o_} })\n", text, d.made[text])
	}
	d.noteErrors(&b)
	for _, c := range d.contracts {
		fmt.Fprintf(&b, "\tprobe_.Contract(%q, func(o_ *probe_.Object) %[1]s { return %[2]s{o_} }, func(c_ probe_.Caller) %[1]s { return %[3]s(c_) }, %[4]s)\n",
			c.name, d.made[c.name], generated(c.name, "New", "Client"), generated(c.name, "Register", ""))
	}
	b.WriteString("}\n")

	return d.file(name, b.String())
}

// generated is the name of a function that is generated for a contract.
func generated(contract, before, after string) string {
	if name := before + contract + after; title(contract) == contract {
		return name
	}
	return lower(before) + upper(contract) + after
}

// implementation declares a type that implements an interface.
func (d *drawer) implementation(b *strings.Builder, t *decl) {
	self, params := implementation(t), ""
	if len(t.params) > 0 {
		params = "[T " + d.basic("any")
		if len(t.params) > 1 {
			params += ", K " + d.basic("comparable")
		}
		params += "]"
	}
	fmt.Fprintf(b, "\ntype %s%s struct{ o_ *probe_.Object }\n", self, params)
	for _, m := range t.methods {
		receiver := self
		if len(t.params) > 0 {
			receiver += "[" + strings.Join(t.params, ", ") + "]"
		}
		fmt.Fprintf(b, "\nfunc (s_ %s) %s", receiver, m.name)
		m.body(b, d)
	}
}

// body writes a method from its parameters on.
func (m *method) body(b *strings.Builder, d *drawer) {
	var params, results, in, out, plain []string
	ctx := "probe_.NoContext"
	if m.ctx {
		ctx = "c_"
		params = append(params, "c_ "+d.in("context", "Context"))
	}
	for i, t := range m.params {
		params = append(params, fmt.Sprintf("p%d_ %s", i, t))
		in = append(in, fmt.Sprintf("&p%d_", i))
		plain = append(plain, fmt.Sprintf("p%d_", i))
	}
	for i, t := range m.results {
		results = append(results, fmt.Sprintf("r%d_ %s", i, t))
		out = append(out, fmt.Sprintf("&r%d_", i))
	}
	fmt.Fprintf(b, "(%s) (%s) {\n", strings.Join(params, ", "), strings.Join(results, ", "))
	if m.special {
		fmt.Fprintf(b, "\treturn s_.o_.%s(%s)\n}\n", m.name, strings.Join(plain, ", "))
		return
	}
	fmt.Fprintf(b, "\ts_.o_.Call(%s, %q, []interface{}{%s}, []interface{}{%s})\n\treturn\n}\n", ctx, m.name, strings.Join(in, ", "), strings.Join(out, ", "))
}

// noteErrors writes what the probe is told of the package's errors.
func (d *drawer) noteErrors(b *strings.Builder) {
	var variables, types []string
	for _, t := range d.decls {
		if t.kind != errorKind {
			continue
		}
		variables = append(variables, "Err"+title(t.name)+"_")
		if title(t.name) != t.name {
			continue
		}
		if t.pointer {
			types = append(types, "&"+t.name+"{}")
		} else {
			types = append(types, t.name+"{}")
		}
	}
	if len(variables) > 0 {
		fmt.Fprintf(b, "\tprobe_.Errors([]%[1]s{%[2]s}, []%[1]s{%[3]s})\n", d.basic("error"), strings.Join(variables, ", "), strings.Join(types, ", "))
	}
}
