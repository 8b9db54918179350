package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// function is the pair of functions that encode and decode one type.
type function struct {
	typ            *model.Type
	encode, decode string // their names
}

// functionFor returns the functions of t, which are emitted from now on.
func (f *file) functionFor(t *model.Type) *function {
	key := functionKey(t)
	if fn, ok := f.funcs[key]; ok {
		return fn
	}
	word := f.word(t)
	fn := &function{typ: t, encode: f.declare("encode" + word), decode: f.declare("decode" + word)}
	f.funcs[key] = fn
	f.order = append(f.order, fn)
	return fn
}

// functionKey identifies a type: a named one by its name, which may be modelled
// more than once, any other one as itself.
func functionKey(t *model.Type) any {
	if t.Name == "" {
		return t
	}
	return typeKey{(&describer{}).typ(t), t.Failure, t.Variant}
}

// typeKey identifies a named type, and what its contract says of it and of what it mentions.
type typeKey struct {
	name    string
	failure model.Failure
	variant string
}

// functions adds the functions that were asked for, and those that they ask for.
func (f *file) functions() {
	for i := 0; i < len(f.order); i++ {
		fn := f.order[i]
		switch {
		case byReference(fn.typ):
			f.reference(f.referenceTo(fn.typ))
		case fn.typ.Kind == model.Snapshot:
			f.snapshot(fn.typ)
		}
		f.add(f.encodeFunction(fn), f.decodeFunction(fn))
	}
}

// encodeFunction yields
//
//	func encodeItem(e *codec.Encoder, v *Item) {
//		e.String(v.Key)
//		e.Bytes(v.Value)
//	}
func (f *file) encodeFunction(fn *function) *jen.Statement {
	v := jen.Id(f.local.v)
	body := f.encodeBody(fn.typ, v)
	if counted(fn.typ) {
		body = f.enter(f.local.e, nil, body)
	}
	return jen.Func().Id(fn.encode).
		Params(f.encoderParam(), jen.Id(f.local.v).Add(f.valueType(fn.typ))).Block(body...)
}

// decodeFunction yields
//
//	func decodeItem(d *codec.Decoder, v *Item) {
//		v.Key = d.String()
//		v.Value = d.Bytes()
//	}
//
// or, for what is no struct, func decodeItems(d *codec.Decoder) (v Items).
func (f *file) decodeFunction(fn *function) *jen.Statement {
	if value := f.decodeValue(fn.typ); value != nil && !counted(fn.typ) {
		return f.decodeExpression(fn, value)
	}
	v := jen.Id(f.local.v)
	body := f.decodeBody(fn.typ, v)
	var result []jen.Code
	if !inPlace(fn.typ) {
		result = []jen.Code{v}
	}
	if counted(fn.typ) {
		body = f.enter(f.local.d, result, body)
	}
	param := jen.Id(f.local.v).Add(f.valueType(fn.typ))
	s := jen.Func().Id(fn.decode)
	if inPlace(fn.typ) {
		return s.Params(f.decoderParam(), param).Block(body...)
	}
	return s.Params(f.decoderParam()).Params(param).Block(append(body, jen.Return(v))...)
}

// decodeExpression yields
//
//	func decodeLevel(d *codec.Decoder) Level {
//		return Level(d.Int())
//	}
func (f *file) decodeExpression(fn *function, value *jen.Statement) *jen.Statement {
	return jen.Func().Id(fn.decode).Params(f.decoderParam()).Add(f.typ(fn.typ)).Block(jen.Return(value))
}

// enter yields, around the body of a recursive type's function,
//
//	if !d.Enter() {
//		return v
//	}
//	...
//	d.Leave()
func (f *file) enter(coder string, result, body []jen.Code) []jen.Code {
	enter := jen.If(jen.Op("!").Id(coder).Dot("Enter").Call()).Block(jen.Return(result...))
	return append(append([]jen.Code{enter}, body...), jen.Id(coder).Dot("Leave").Call())
}

// valueType returns the type of what t's functions take.
func (f *file) valueType(t *model.Type) *jen.Statement {
	if inPlace(t) {
		return jen.Op("*").Add(f.typ(t))
	}
	return f.typ(t)
}

// counted reports whether t's functions count how deep they are: every cycle of
// types passes through a named one.
func counted(t *model.Type) bool { return t.Recursive && t.Name != "" }

// ownFunction reports whether t is always encoded by functions of its own.
func ownFunction(t *model.Type) bool {
	return t.Kind == model.Struct || t.Kind == model.Marshaler || t.Kind == model.Snapshot || byReference(t) || counted(t)
}

// inPlace reports whether t's functions take a pointer: to copy a struct takes longer than
// many a field, and others must not be copied at all.
func inPlace(t *model.Type) bool { return t.Kind == model.Struct || t.NoCopy }

// byReference reports whether values of t stay where they are, and are called.
func byReference(t *model.Type) bool { return t.Kind == model.Interface || t.Kind == model.Func }

// travelling returns the fields of t that travel.
func travelling(t *model.Type) []*model.Field {
	var list []*model.Field
	for _, field := range t.Fields {
		if field.Travels {
			list = append(list, field)
		}
	}
	return list
}
