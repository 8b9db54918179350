package emit

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// register yields
//
//	// RegisterGreeter makes impl available to the host. Call it before pingo.Run.
//	func RegisterGreeter(impl Greeter) {
//		a := greeterAdapter{impl: impl}
//		pingo.Register(&codec.Service{
//			Contract: &greeterContract,
//			Handlers: []codec.Handler{
//				a.sayHello,
//			},
//		})
//	}
func (f *file) register(c *model.Contract, s *symbols) *jen.Statement {
	doc := s.register + " makes impl available to the host. Call it before pingo.Run."
	handlers := make([]jen.Code, len(s.methods))
	for i, m := range s.methods {
		handlers[i] = jen.Id("a").Dot(m.handler)
	}
	adapter := jen.Id("a").Op(":=")
	if len(handlers) == 0 {
		adapter = jen.Id("_").Op("=")
	}
	service := fields(
		jen.Id("Contract").Op(":").Op("&").Id(s.contract),
		jen.Id("Handlers").Op(":").Index().Add(f.codec("Handler")).Add(fields(handlers...)),
	)
	return comment(doc+deprecation(c.Doc)).
		Func().Id(s.register).Params(jen.Id("impl").Id(c.Name)).Block(
		adapter.Id(s.adapter).Values(jen.Id("impl").Op(":").Id("impl")),
		f.pingo("Register").Call(jen.Op("&").Add(f.codec("Service")).Add(service)),
	)
}

// adapterType yields
//
//	// greeterAdapter serves a Greeter.
//	type greeterAdapter struct {
//		impl Greeter
//	}
func (f *file) adapterType(c *model.Contract, s *symbols) *jen.Statement {
	return comment(s.adapter + " serves a " + c.Name + ".").
		Type().Id(s.adapter).Struct(jen.Id("impl").Id(c.Name))
}

// handler yields
//
//	func (a greeterAdapter) sayHello(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
//		var args greeterSayHelloArgs
//		if err := dec.Message(&args); err != nil {
//			return err
//		}
//		r0, err := a.impl.SayHello(ctx, args.name)
//		enc.Message(&greeterSayHelloReply{r0: r0})
//		return err
//	}
func (f *file) handler(s *symbols, m *method) *jen.Statement {
	ctx, body := "ctx", f.decodeArgs(m)
	if !m.Context {
		ctx = "_"
	}
	body = append(body, m.invoke(), jen.Id("enc").Dot("Message").Call(f.replyValue(m)))
	if m.Error {
		body = append(body, jen.Return(jen.Id("err")))
	} else {
		body = append(body, jen.Return(f.noError()))
	}
	return jen.Func().Params(jen.Id("a").Id(s.adapter)).Id(m.handler).Params(
		jen.Id(ctx).Add(f.context("Context")),
		jen.Id("dec").Op("*").Add(f.codec("Decoder")),
		jen.Id("enc").Op("*").Add(f.codec("Encoder")),
	).Add(f.builtin("error")).Block(body...)
}

// decodeArgs yields the first statements of a handler.
func (f *file) decodeArgs(m *method) []jen.Code {
	var body []jen.Code
	if m.args != nil {
		body = append(body, jen.Var().Id("args").Id(m.args.name))
	}
	decode := jen.Id("err").Op(":=").Id("dec").Dot("Message").Call(f.pointer(m.args, "args"))
	return append(body, jen.If(decode, f.failed("err")).Block(jen.Return(jen.Id("err"))))
}

// invoke yields r0, err := a.impl.SayHello(ctx, args.name).
func (m *method) invoke() *jen.Statement {
	var args, results []jen.Code
	if m.Context {
		args = append(args, jen.Id("ctx"))
	}
	if m.args != nil {
		args = append(args, m.args.selectors("args")...)
	}
	if m.Variadic {
		args[len(args)-1] = jen.Add(args[len(args)-1]).Op("...")
	}
	for i := range m.Results {
		results = append(results, jen.Id("r"+strconv.Itoa(i)))
	}
	if m.Error {
		results = append(results, jen.Id("err"))
	}
	call := jen.Id("a").Dot("impl").Dot(m.Name).Call(args...)
	if len(results) == 0 {
		return call
	}
	return jen.List(results...).Op(":=").Add(call)
}

// replyValue yields &greeterSayHelloReply{r0: r0}.
func (f *file) replyValue(m *method) *jen.Statement {
	if m.reply == nil {
		return f.pointer(nil, "")
	}
	return jen.Op("&").Add(m.reply.values(m.reply.fields))
}

// fields yields the elements of a composite literal, one a line.
func fields(list ...jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, list...)
}
