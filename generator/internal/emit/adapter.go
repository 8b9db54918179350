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
//		pingo.RegisterService(greeterAdapter{impl: impl}.service().WithHealth(impl).WithText(greeterText))
//	}
func (f *file) register(c *model.Contract, s *symbols) *jen.Statement {
	doc := s.register + " makes impl available to the host. Call it before pingo.Run."
	service := jen.Id(s.adapter).Values(jen.Id("impl").Op(":").Id("impl")).Dot("service").Call().Dot("WithHealth").Call(jen.Id("impl")).Dot("WithText").Call(jen.Id(s.text))
	return comment(doc + deprecation(c.Doc)).
		Func().Id(s.register).Params(jen.Id("impl").Id(c.Name)).Block(f.pingo("RegisterService").Call(service))
}

// adapterType yields
//
//	// greeterAdapter serves calls of Greeter.
//	type greeterAdapter struct {
//		impl Greeter
//	}
func (f *file) adapterType(s *symbols) *jen.Statement {
	impl := jen.Id(s.name)
	if s.typ != nil {
		impl = f.typ(s.typ)
	}
	return comment(s.adapter + " serves calls of " + s.name + ".").
		Type().Id(s.adapter).Struct(jen.Id("impl").Add(impl))
}

// service yields
//
//	func (a greeterAdapter) service() *codec.Service {
//		return &codec.Service{
//			Contract: &greeterContract,
//			Handlers: []codec.Handler{
//				a.sayHello,
//			},
//		}
//	}
func (f *file) service(s *symbols) *jen.Statement {
	var handlers []jen.Code
	writer := jen.Null()
	for _, m := range s.called() {
		handlers = append(handlers, f.handlerOf(m))
		if m.Special == model.Write {
			writer = jen.Id("Writer").Op(":").Id("a").Dot("impl")
		}
	}
	list := []jen.Code{
		jen.Id("Contract").Op(":").Op("&").Id(s.contract),
		jen.Id("Handlers").Op(":").Index().Add(f.codec("Handler")).Add(fields(handlers...)),
		writer,
	}
	return jen.Func().Params(jen.Id("a").Id(s.adapter)).Id("service").Params().Op("*").Add(f.codec("Service")).
		Block(f.optionalService(s, jen.Op("&").Add(f.codec("Service")).Add(fields(list...)))...)
}

// handlerOf yields a.sayHello, or codec.ReadHandler(a.impl) for a method that the
// runtime knows.
func (f *file) handlerOf(m *method) *jen.Statement {
	impl := jen.Id("a").Dot("impl")
	switch m.Special {
	case model.Read:
		return f.codec("ReadCallHandler").Call(impl)
	case model.ReadAt, model.Seek:
		return f.codec(m.Name + "Handler").Call(impl)
	case model.ReadStream:
		return f.codec("ReadHandler").Call(impl)
	case model.Write:
		return f.codec("WriteHandler")
	default:
		return jen.Id("a").Dot(m.handler)
	}
}

// handler yields
//
//	func (a greeterAdapter) sayHello(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
//		var args greeterSayHelloArgs
//		args.Decode(dec)
//		if err := dec.End(); err != nil {
//			return err
//		}
//		r0, err := a.impl.SayHello(ctx, args.name)
//		enc.Message(&greeterSayHelloReply{r0: r0})
//		return err
//	}
func (f *file) handler(s *symbols, m *method) *jen.Statement {
	if known(m.Method) {
		return nil
	}
	ctx, body := "ctx", f.decodeArgs(m)
	if !m.Context {
		ctx = "_"
	}
	body = append(body, f.invoke(s, m), jen.Id("enc").Dot("Message").Call(f.replyValue(m)))
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

// decodeArgs yields the first statements of a handler. They do not hand the arguments on as an interface, which
// would have them allocated for each call.
func (f *file) decodeArgs(m *method) []jen.Code {
	var body []jen.Code
	if m.args != nil {
		body = append(body, jen.Var().Id("args").Id(m.args.name), jen.Id("args").Dot("Decode").Call(jen.Id("dec")))
	}
	end := jen.Id("err").Op(":=").Id("dec").Dot("End").Call()
	return append(body, jen.If(end, f.failed("err")).Block(jen.Return(jen.Id("err"))))
}

// invoke yields r0, err := a.impl.SayHello(ctx, args.name).
func (f *file) invoke(s *symbols, m *method) *jen.Statement {
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
	call := jen.Id("a").Dot("impl")
	if m.Optional != nil {
		call.Assert(f.typ(m.Optional.Type))
	}
	if !s.function {
		call.Dot(m.Name)
	}
	call.Call(args...)
	if len(results) == 0 {
		return call
	}
	return jen.List(results...).Op(":=").Add(call)
}

// replyValue yields &greeterSayHelloReply{r0: r0}, with the arguments that the
// implementation filled behind the results: dest: args.dest.
func (f *file) replyValue(m *method) *jen.Statement {
	if m.reply == nil {
		return f.pointer(nil, "")
	}
	return jen.Op("&").Add(m.reply.values(append(m.resultFields(), m.filledArgs()...)))
}

// fields yields the elements of a composite literal, one a line.
func fields(list ...jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, list...)
}
