package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// clientType yields
//
//	// GreeterClient calls a Greeter in a plugin. It is safe for concurrent use.
//	type GreeterClient struct {
//		caller pingo.Caller
//	}
func (f *file) clientType(c *model.Contract, s *symbols) *jen.Statement {
	doc := s.client + " calls " + article(c.Name) + " " + c.Name + " in a plugin. It is safe for concurrent use."
	return comment(doc + deprecation(c.Doc)).
		Type().Id(s.client).Struct(jen.Id("caller").Add(f.pingo("Caller")))
}

// article returns what stands before a name; most with a U begin like User.
func article(name string) string {
	if strings.ContainsRune("AEIO", rune(name[0])) {
		return "an"
	}
	return "a"
}

// constructor yields
//
//	// NewGreeterClient returns a client that calls through c, usually a *pingo.Plugin.
//	func NewGreeterClient(c pingo.Caller) *GreeterClient {
//		return &GreeterClient{caller: pingo.Bind(c, &greeterContract)}
//	}
func (f *file) constructor(c *model.Contract, s *symbols) *jen.Statement {
	doc := s.constructor + " returns a client that calls through c, usually a *pingo.Plugin."
	bound := f.pingo("Bind").Call(jen.Id("c"), jen.Op("&").Id(s.contract))
	return comment(doc + deprecation(c.Doc)).
		Func().Id(s.constructor).Params(jen.Id("c").Add(f.pingo("Caller"))).Op("*").Id(s.client).
		Block(jen.Return(jen.Op("&").Id(s.client).Values(jen.Id("caller").Op(":").Add(bound))))
}

// comment yields text as a comment, line by line, so that no line becomes
// anything else than a comment.
func comment(text string) *jen.Statement {
	s := jen.Null()
	for line := range strings.Lines(strings.TrimSpace(text)) {
		if !strings.HasPrefix(line, "\t") { // code stands behind a tab alone, as gofmt has it
			line = " " + line
		}
		s.Comment(strings.TrimRight("//"+line, " \t\r\n")).Line()
	}
	return s
}

// deprecation returns the paragraph of doc that says what is deprecated, to be
// appended to another comment.
func deprecation(doc string) string {
	for paragraph := range strings.SplitSeq(doc, "\n\n") {
		if strings.HasPrefix(paragraph, "Deprecated: ") {
			return "\n\n" + strings.TrimSpace(paragraph)
		}
	}
	return ""
}
