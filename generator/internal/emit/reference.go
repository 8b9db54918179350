package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// proxyType yields
//
//	// greeterProxy is the other side's Greeter.
//	type greeterProxy struct {
//		ref *codec.Reference
//	}
func (f *file) proxyType(s *symbols) *jen.Statement {
	return comment(s.proxy + " is the other side's " + s.name + ".").
		Type().Id(s.proxy).Struct(jen.Id("ref").Op("*").Add(f.codec("Reference")))
}

// methodNames yields
//
//	// greeterContract names the methods that the other side may call.
//	var greeterContract = codec.Contract{Name: "Greeter", Methods: codec.MethodsNamed("SayHello")}
func (f *file) methodNames(s *symbols) *jen.Statement {
	var names []jen.Code
	for _, m := range s.called() {
		names = append(names, jen.Lit(m.Name))
	}
	return comment(s.contract+" names the methods that the other side may call.").
		Var().Id(s.contract).Op("=").Add(f.codec("Contract")).Values(
		jen.Id("Name").Op(":").Lit(s.name),
		jen.Id("Methods").Op(":").Add(f.codec("MethodsNamed")).Call(names...),
	)
}

// encodeReference yields
//
//	codec.EncodeInterface(e, v == nil, v, referenceOf(v), greeterAdapter{impl: v}.service)
//
// or codec.EncodeFunc(e, v == nil, v, progressAdapter{impl: v}.service).
func (f *file) encodeReference(t *model.Type, v *jen.Statement) *jen.Statement {
	s, e := f.referenceTo(t), jen.Id(f.local.e)
	service := jen.Id(s.adapter).Values(jen.Id("impl").Op(":").Add(v)).Dot("service")
	if s.function {
		return f.codec("EncodeFunc").Call(e, f.isNil(v), v, service)
	}
	if f.homeward == "" {
		f.homeward = f.declare("referenceOf")
	}
	helper := "EncodeInterface"
	if t.Socket {
		helper = "EncodeConnection"
	}
	return f.codec(helper).Call(e, f.isNil(v), v, jen.Id(f.homeward).Call(v), service)
}

// decodeReference yields
//
//	codec.DecodeInterface(d, func(r *codec.Reference) Greeter {
//		return greeterProxy{ref: r}
//	})
//
// where a function is the method Call of its proxy.
func (f *file) decodeReference(t *model.Type) *jen.Statement {
	s := f.referenceTo(t)
	proxy := jen.Id(s.proxy).Values(jen.Id("ref").Op(":").Id(f.local.r))
	body := []jen.Code{jen.Return(proxy)}
	switch {
	case s.function:
		proxy.Dot("Call")
	case s.combined != nil:
		body = f.choose(s, proxy)
	}
	wrap := jen.Func().Params(jen.Id(f.local.r).Op("*").Add(f.codec("Reference"))).Add(f.typ(t)).Block(body...)
	return f.codec("DecodeInterface").Call(jen.Id(f.local.d), wrap)
}

// referenceOf yields, if anything is passed by reference,
//
//	// referenceOf returns what is behind a proxy, nil if v is none.
//	func referenceOf(v any) (ref *codec.Reference) {
//		switch p := v.(type) {
//		case greeterProxy:
//			ref = p.ref
//		}
//		return ref
//	}
func (f *file) referenceOf() *jen.Statement {
	if f.homeward == "" {
		return nil
	}
	var cases []jen.Code
	for _, s := range f.proxies {
		if !s.function {
			for _, name := range s.proxyNames() {
				cases = append(cases, jen.Case(jen.Id(name)).Block(jen.Id("ref").Op("=").Id("p").Dot("ref")))
			}
		}
	}
	return comment(f.homeward+" returns what is behind a proxy, nil if v is none.").
		Func().Id(f.homeward).Params(jen.Id("v").Add(f.builtin("any"))).Params(jen.Id("ref").Op("*").Add(f.codec("Reference"))).Block(
		jen.Switch(jen.Id("p").Op(":=").Id("v").Assert(jen.Type())).Block(cases...),
		jen.Return(jen.Id("ref")),
	)
}

// sequence yields x as the type that the codec takes: iter.Seq[Item](x).
func (f *file) sequence(t *model.Type, x *jen.Statement) *jen.Statement {
	if t.Name == "" || t.Package == "iter" {
		return x
	}
	if t.Kind == model.Seq {
		return f.qual("iter", "iter", "Seq").Types(f.typ(t.Elem)).Call(x)
	}
	return f.qual("iter", "iter", "Seq2").Types(f.typ(t.Key), f.typ(t.Elem)).Call(x)
}

// decodeSequence yields codec.DecodeSeq(d, decodeItem, codec.FailPanic).
func (f *file) decodeSequence(t *model.Type) *jen.Statement {
	fail := f.codec("FailZero")
	if t.Failure == model.FailurePanic {
		fail = f.codec("FailPanic")
	}
	value := f.codec("DecodeSeq").Call(jen.Id(f.local.d), f.decoder(t.Elem), fail)
	if t.Kind == model.Seq2 {
		value = f.codec("DecodeSeq2").Call(jen.Id(f.local.d), f.decoder(t.Key), f.decoder(t.Elem), fail)
	}
	if t.Name == "" || t.Package == "iter" {
		return value
	}
	return f.typ(t).Call(value)
}
