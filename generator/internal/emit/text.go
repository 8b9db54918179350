package emit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
	"github.com/pingogen/pingogen/runtime/description"
)

// text yields
//
//	// greeterText is Greeter for "pingogen inspect", in the binary of who registers it.
//	const greeterText = "pingogen contract 1 199 01234567\n" +
//		"contract Greeter \"example.com/greeter\"\n" +
//		"doc Greeter greets people.\n" +
//		"method 0x0123456789abcdef SayHello(name string) (string)\n" +
//		"go (ctx context.Context, name string) (string, error)\n" +
//		"doc SayHello greets name.\n"
func (f *file) text(c *model.Contract, s *symbols) *jen.Statement {
	embedded := description.Embed(f.describeForPeople(c))
	lines := jen.Null()
	for line := range strings.Lines(embedded) {
		if line != embedded[:len(line)] {
			lines.Op("+").Line()
		}
		lines.Lit(line)
	}
	return comment(s.text + " is " + c.Name + ` for "pingogen inspect", in the binary of who registers it.`).
		Const().Id(s.text).Op("=").Add(lines)
}

// describeForPeople returns c's description with its documentation.
func (f *file) describeForPeople(c *model.Contract) description.Contract {
	described := describe(f.pkg.Path, c)
	full := description.Of(&described)
	full.Doc = c.Doc
	d := &describer{path: f.pkg.Path, short: true}
	for i, m := range c.Methods {
		full.Methods[i].Go, full.Methods[i].Doc = d.source(m), m.Doc
	}
	return full
}

// source returns a signature as the source has it:
// "(ctx context.Context, name string) (string, error)".
func (d *describer) source(m *model.Method) string {
	var params, results [][2]string // name and type
	if m.Context {
		params = append(params, [2]string{m.CtxName, "context.Context"})
	}
	for i, p := range m.Params {
		typ := d.typ(p.Type)
		if m.Variadic && i == len(m.Params)-1 {
			typ = "..." + d.typ(p.Type.Elem)
		}
		params = append(params, [2]string{p.Name, typ})
	}
	for _, r := range m.Results {
		results = append(results, [2]string{r.Name, d.typ(r.Type)})
	}
	if m.Error {
		results = append(results, [2]string{m.ErrName, "error"})
	}
	text := "(" + sourceList(params) + ")"
	switch {
	case len(results) == 0:
		return text
	case len(results) == 1 && results[0][0] == "":
		return text + " " + results[0][1]
	}
	return text + " (" + sourceList(results) + ")"
}

// sourceList returns a list of parameters, of which all have a name or none.
func sourceList(list [][2]string) string {
	blank := ""
	if slices.ContainsFunc(list, func(p [2]string) bool { return p[0] != "" }) {
		blank = "_"
	}
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = strings.TrimSpace(cmp.Or(p[0], blank) + " " + p[1])
	}
	return strings.Join(words, ", ")
}
