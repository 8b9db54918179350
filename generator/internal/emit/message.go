package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// message adds a message type and its two methods, if there is one.
func (f *file) message(m *message, params []*model.Param, own bool) {
	if m == nil {
		return
	}
	f.add(f.messageType(m, params), f.messageEncode(m, params), f.messageDecode(m, params, own))
}

// messageType yields
//
//	type greeterSayHelloArgs struct {
//		name string
//	}
func (f *file) messageType(m *message, params []*model.Param) *jen.Statement {
	list := make([]jen.Code, len(params))
	for i, p := range params {
		list[i] = jen.Id(m.fields[i]).Add(f.typ(p.Type))
	}
	return jen.Type().Id(m.name).Struct(list...)
}

// messageEncode yields
//
//	func (m *greeterSayHelloArgs) Encode(e *codec.Encoder) {
//		e.String(m.name)
//	}
func (f *file) messageEncode(m *message, params []*model.Param) *jen.Statement {
	body := f.encodeAll(f.contents(m, params))
	return jen.Func().Params(jen.Id(f.local.m).Op("*").Id(m.name)).Id("Encode").
		Params(f.encoderParam()).Block(body...)
}

// messageDecode yields
//
//	func (m *greeterSayHelloArgs) Decode(d *codec.Decoder) {
//		m.name = d.String()
//	}
//
// and begins with d.OwnStrings() if strings are not to share copies.
func (f *file) messageDecode(m *message, params []*model.Param, own bool) *jen.Statement {
	var body []jen.Code
	if own {
		body = append(body, jen.Id(f.local.d).Dot("OwnStrings").Call())
	}
	body = append(body, f.decodeAll(f.contents(m, params))...)
	return jen.Func().Params(jen.Id(f.local.m).Op("*").Id(m.name)).Id("Decode").
		Params(f.decoderParam()).Block(body...)
}

// contents returns m.name, and so on.
func (f *file) contents(m *message, params []*model.Param) []variable {
	list := make([]variable, len(params))
	for i, p := range params {
		list[i] = variable{p.Type, jen.Id(f.local.m).Dot(m.fields[i])}
	}
	return list
}

// encoderParam yields e *codec.Encoder.
func (f *file) encoderParam() *jen.Statement {
	return jen.Id(f.local.e).Op("*").Add(f.codec("Encoder"))
}

// decoderParam yields d *codec.Decoder.
func (f *file) decoderParam() *jen.Statement {
	return jen.Id(f.local.d).Op("*").Add(f.codec("Decoder"))
}

// pointer yields &name, or a message without content.
func (f *file) pointer(m *message, name string) *jen.Statement {
	if m == nil {
		return jen.Op("&").Add(f.codec("Nothing")).Values()
	}
	return jen.Op("&").Id(name)
}

// values yields greeterSayHelloArgs{name: name}.
func (m *message) values(vars []string) *jen.Statement {
	list := make([]jen.Code, len(m.fields))
	for i, field := range m.fields {
		list[i] = jen.Id(field).Op(":").Id(vars[i])
	}
	return jen.Id(m.name).Values(list...)
}

// selectors yields reply.r0, reply.r1 and so on.
func (m *message) selectors(reply string) []jen.Code {
	list := make([]jen.Code, len(m.fields))
	for i, field := range m.fields {
		list[i] = jen.Id(reply).Dot(field)
	}
	return list
}
