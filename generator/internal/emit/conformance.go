package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

const pingotestPath = pingoPath + "/pingotest"

// Conformance returns the source of a test of p which any plugin can be put to that
// claims to serve p's contracts.
func Conformance(p *model.Package) ([]byte, error) {
	f := newFile(p)
	f.scope.take("t")
	for _, c := range p.Contracts {
		f.add(f.conformance(c))
	}
	return f.render()
}

// conformance yields
//
//	// TestGreeterConformance calls the methods of the Greeter in the plugin that $PINGO_PLUGIN names.
//	func TestGreeterConformance(t *testing.T) {
//		pingotest.Conform(t, "Greeter", NewGreeterClient,
//			pingotest.Method[*GreeterClient]{
//				Name: "SayHello",
//				Call: func(ctx context.Context, c *GreeterClient) error {
//					_, err := c.SayHello(ctx, pingotest.Zero[string]())
//					return err
//				},
//			},
//		)
//	}
func (f *file) conformance(c *model.Contract) *jen.Statement {
	s := f.symbolsOf(c)
	test := f.declare("Test" + exported(c.Name) + "Conformance")
	args := []jen.Code{jen.Line().Id(f.testVariable()), jen.Lit(c.Name), jen.Id(s.constructor)}
	for _, m := range c.Methods {
		if m.Optional == nil { // what a value may lack, a plugin may lack
			args = append(args, jen.Line().Add(f.conformanceMethod(s.client, m)))
		}
	}
	return comment(test + " calls the methods of the " + c.Name + " in the plugin that $PINGO_PLUGIN names.").
		Func().Id(test).Params(jen.Id(f.testVariable()).Op("*").Add(f.qual("testing", "testing", "T"))).Block(
		f.qual(pingotestPath, "pingotest", "Conform").Call(append(args, jen.Line())...))
}

func (f *file) testVariable() string { return scope{}.pick("t", f.declared) }

// conformanceMethod yields the pingotest.Method of a method.
func (f *file) conformanceMethod(client string, m *model.Method) *jen.Statement {
	names := scope{}
	ctx, c, err := names.pick("ctx", f.declared), names.pick("c", f.declared), names.pick("err", f.declared)
	call := jen.Id(c).Dot(m.Name).Call(f.zeroArguments(m, ctx)...)
	body := []jen.Code{call, jen.Return(f.noError())}
	switch {
	case m.Error && len(m.Results) == 0:
		body = []jen.Code{jen.Return(call)}
	case m.Error:
		var left []jen.Code
		for range m.Results {
			left = append(left, jen.Id("_"))
		}
		body = []jen.Code{jen.List(append(left, jen.Id(err))...).Op(":=").Add(call), jen.Return(jen.Id(err))}
	}
	typ := func() *jen.Statement { return jen.Op("*").Id(client) }
	fields := []jen.Code{
		jen.Line().Id("Name").Op(":").Lit(m.Name),
		jen.Line().Id("Call").Op(":").Func().Params(
			jen.Id(ctx).Add(f.context("Context")), jen.Id(c).Add(typ())).Add(f.builtin("error")).Block(body...),
	}
	if lacksValues(m) {
		fields = append(fields, jen.Line().Id("May").Op(":").Add(f.qual(pingotestPath, "pingotest", "Panic")))
	}
	return f.qual(pingotestPath, "pingotest", "Method").Types(typ()).Values(append(fields, jen.Line())...)
}

// zeroArguments are the zero values of a method's parameters, without variadic ones.
func (f *file) zeroArguments(m *model.Method, ctx string) []jen.Code {
	var args []jen.Code
	if m.Context {
		args = append(args, jen.Id(ctx))
	}
	for i, p := range m.Params {
		if m.Variadic && i == len(m.Params)-1 {
			continue
		}
		args = append(args, f.qual(pingotestPath, "pingotest", "Zero").Types(f.typ(p.Type)).Call())
	}
	return args
}

// lacksValues tells whether a zero argument is something that an implementation would
// use without asking whether it is there.
func lacksValues(m *model.Method) bool {
	for _, p := range m.Params {
		switch p.Type.Kind {
		case model.Interface, model.Func, model.Pointer, model.Map, model.Chan, model.Receiver, model.Sender, model.Seq, model.Seq2:
			return true
		}
	}
	return false
}
