package emit

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// caller is a type whose methods make calls: a client or a proxy.
type caller struct {
	receiver *jen.Statement // its type: *GreeterClient
	variable string         // what its methods call it
	field    string         // what makes the calls
	prefix   string         // of the methods' names in calls
	proxy    bool
	failure  model.Failure
}

// clientCaller is the client of a contract.
func (s *symbols) clientCaller() *caller {
	return &caller{receiver: jen.Op("*").Id(s.client), variable: "c", field: "caller", prefix: s.name + ".", failure: s.failure}
}

// proxyCaller is the proxy of what is passed by reference.
func (s *symbols) proxyCaller() *caller {
	return &caller{receiver: jen.Id(s.proxy), variable: "p", field: "ref", proxy: true, failure: s.failure}
}

// callerMethod yields
//
//	// SayHello greets name.
//	func (c *GreeterClient) SayHello(ctx context.Context, name string) (string, error) {
//		call := struct {
//			args  greeterSayHelloArgs
//			reply greeterSayHelloReply
//		}{args: greeterSayHelloArgs{name: name}}
//		err := c.caller.CallContext(ctx, "Greeter.SayHello", &call.args, &call.reply)
//		return call.reply.r0, err
//	}
//
// where the struct is one allocation instead of two,
// and, for a proxy, the same without the comment, on (p greeterProxy), by p.ref.CallContext(ctx, "SayHello", ...).
func (f *file) callerMethod(c *caller, m *method) *jen.Statement {
	n := f.callerNames(c, m)
	return f.callerDoc(c, m).
		Func().Params(jen.Id(n.receiver).Add(c.receiver)).Id(m.Name).
		Params(f.params(m, n)...).Add(f.results(m, n)).Block(f.callerBody(c, m, n)...)
}

func (f *file) callerDoc(c *caller, m *method) *jen.Statement {
	switch {
	case c.proxy:
		return jen.Null()
	case m.Optional != nil:
		return comment(m.Name + " calls " + c.prefix + m.Name + " in the plugin, or " + m.Optional.Plain.PackageName + "." + m.Name + " where the plugin has no such method.")
	case m.Doc == "":
		return comment(m.Name + " calls " + c.prefix + m.Name + " in the plugin.")
	}
	return comment(m.Doc)
}

func (f *file) callerBody(c *caller, m *method, n *callerNames) []jen.Code {
	if special := f.specialCall(c, m, n); special != nil {
		return []jen.Code{jen.Return(special)}
	}
	var body []jen.Code
	if n.call != "" {
		both := jen.Struct(jen.Id("args").Id(m.args.name), jen.Id("reply").Id(m.reply.name))
		body = append(body, jen.Id(n.call).Op(":=").Add(both).Values(jen.Id("args").Op(":").Add(m.args.values(n.params))))
		return append(body, f.call(c, m, n)...)
	}
	if m.args != nil {
		body = append(body, jen.Id(n.args).Op(":=").Add(m.args.values(n.params)))
	} else if m.reply != nil {
		body = append(body, jen.Var().Id(n.reply).Id(m.reply.name))
	}
	return append(body, f.call(c, m, n)...)
}

// specialCall yields p.ref.Read(b) or codec.ReadCall(ctx, p.ref, "Read", b) for
// methods that the runtime knows, nil for others.
func (f *file) specialCall(c *caller, m *method, n *callerNames) *jen.Statement {
	by := jen.Id(n.receiver).Dot(c.field)
	var args []jen.Code
	for _, name := range n.params {
		args = append(args, jen.Id(name))
	}
	switch {
	case m.Special == model.Ordinary, m.Special == model.Close && !c.proxy:
		return nil
	case m.Special == model.Sys:
		return f.noError() // nil, of whatever type
	case m.Special == model.Read, m.Special == model.ReadAt:
		return f.codec(m.Name + "Call").Call(append([]jen.Code{f.contextOf(c, m, n), by, jen.Lit(c.prefix + m.Name)}, args...)...)
	case m.Special == model.Close:
		args = []jen.Code{f.contextOf(c, m, n)}
	}
	return by.Dot(m.Name).Call(args...)
}

// contextOf yields the context of a call: the parameter, or what stands for it.
func (f *file) contextOf(c *caller, m *method, n *callerNames) *jen.Statement {
	switch {
	case m.Context:
		return jen.Id(n.ctx)
	case c.proxy:
		return jen.Id(n.receiver).Dot(c.field).Dot("Context").Call()
	}
	return f.context("Background").Call()
}

// params yields the parameters of a client's method.
func (f *file) params(m *method, n *callerNames) []jen.Code {
	var list []jen.Code
	if m.Context {
		list = append(list, jen.Id(n.ctx).Add(f.context("Context")))
	}
	params := m.Params
	if m.Variadic {
		params = params[:len(params)-1]
	}
	list = append(list, f.grouped(params, n.params)...)
	if m.Variadic {
		last := len(params)
		list = append(list, jen.Id(n.params[last]).Op("...").Add(f.typ(m.Params[last].Type.Elem)))
	}
	return list
}

// grouped yields names with their types, neighbours of one type together: a, b int.
func (f *file) grouped(params []*model.Param, names []string) []jen.Code {
	var list []jen.Code
	for i := 0; i < len(params); {
		var group []jen.Code
		t := params[i].Type
		for ; i < len(params) && params[i].Type == t; i++ {
			group = append(group, jen.Id(names[i]))
		}
		list = append(list, jen.List(group...).Add(f.typ(t)))
	}
	return list
}

// results yields the results of a client's method, with names if the source has them.
func (f *file) results(m *method, n *callerNames) *jen.Statement {
	var list []jen.Code
	if n.results != nil {
		list = f.grouped(m.Results, n.results)
		if m.Error {
			list = append(list, jen.Id(n.err).Add(f.builtin("error")))
		}
		return jen.Params(list...)
	}
	return f.resultTypes(m.Method)
}

// call yields the call and what follows it.
func (f *file) call(c *caller, m *method, n *callerNames) []jen.Code {
	call := f.callAlone(c, m, n)
	switch {
	case m.falls():
		return f.callOrFallback(m, n, call)
	case !m.Error:
		return f.callWithoutError(c, m, n, call)
	case m.reply == nil:
		return []jen.Code{jen.Return(call)}
	case n.results != nil:
		call = jen.Id(n.err).Op("=").Add(call)
	default:
		call = jen.Id(n.err).Op(":=").Add(call)
	}
	results := jen.Return(append(m.reply.selectors(n.reply)[:len(m.Results)], jen.Id(n.err))...)
	return slices.Concat([]jen.Code{call}, f.fill(m, n), []jen.Code{results})
}

// callAlone yields c.caller.CallContext(ctx, "Greeter.SayHello", &args, &reply). A client's Caller knows
// how a method is to be called; a proxy says it.
func (f *file) callAlone(c *caller, m *method, n *callerNames) *jen.Statement {
	by := jen.Id(n.receiver).Dot(c.field)
	ctx, name, args, reply := f.contextOf(c, m, n), jen.Lit(c.prefix+m.Name), f.pointer(m.args, n.args), f.pointer(m.reply, n.reply)
	switch {
	case c.proxy && m.Calling.Oneway:
		return by.Dot("Post").Call(ctx, name, args)
	case c.proxy && m.Calling.Timeout > 0:
		return by.Dot("CallWithin").Call(ctx, f.duration(m.Calling.Timeout), name, args, reply)
	}
	return by.Dot(c.calls(m)).Call(ctx, name, args, reply)
}

// callWithoutError yields, for a method that has no error result,
//
//	if err := c.caller.CallContext(...); err != nil {
//		panic(err)
//	}
//	return reply.r0
//
// or sets reply to its zero value instead of the panic.
func (f *file) callWithoutError(c *caller, m *method, n *callerNames, call *jen.Statement) []jen.Code {
	failed := f.panic(n.err)
	if c.failure == model.FailureZero {
		if m.reply == nil {
			return []jen.Code{jen.Id("_").Op("=").Add(call)}
		}
		failed = jen.Id(n.reply).Op("=").Id(m.reply.name).Values()
	}
	body := []jen.Code{jen.If(jen.Id(n.err).Op(":=").Add(call), f.failed(n.err)).Block(failed)}
	body = append(body, f.fill(m, n)...)
	if len(m.Results) > 0 {
		body = append(body, jen.Return(m.reply.selectors(n.reply)[:len(m.Results)]...))
	}
	return body
}
