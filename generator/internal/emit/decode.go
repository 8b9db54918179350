package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// decode yields the statement that decodes the variable x of type t.
func (f *file) decode(t *model.Type, x *jen.Statement) *jen.Statement {
	if !ownFunction(t) {
		return f.decodeByKind(t, x)
	}
	d, fn := jen.Id(f.local.d), f.functionFor(t)
	if inPlace(t) {
		return jen.Id(fn.decode).Call(d, jen.Op("&").Add(x))
	}
	return jen.Add(x).Op("=").Id(fn.decode).Call(d)
}

// decodeByKind yields the same by t's structure.
func (f *file) decodeByKind(t *model.Type, x *jen.Statement) *jen.Statement {
	if value := f.decodeValue(t); value != nil {
		return jen.Add(x).Op("=").Add(value)
	}
	return f.decodeArray(t, x)
}

// decodeValue yields the expression that decodes a t by its structure:
// d.String(), or codec.DecodeSlice(d, decodeItem). It is nil for what has none.
func (f *file) decodeValue(t *model.Type) *jen.Statement {
	d := jen.Id(f.local.d)
	switch t.Kind {
	case model.Bool, model.Integer, model.Float, model.Complex, model.String:
		value := d.Dot(basicMethod(t)).Call()
		if t.Package != "" {
			value = f.typ(t).Call(value)
		}
		return value
	case model.Bytes:
		return d.Dot("Bytes").Call()
	case model.Marshaler:
		return f.decodeBy(t)
	case model.Time:
		return d.Dot("Time").Call()
	case model.Error:
		return d.Dot("Error").Call()
	case model.Any:
		return d.Dot("Any").Call()
	case model.Slog:
		return f.slog("Decode", t).Call(d)
	case model.Slice:
		if inPlace(t.Elem) {
			return f.codec("DecodeStructs").Call(d, jen.Id(f.functionFor(t.Elem).decode))
		}
		return f.codec("DecodeSlice").Call(d, f.decoder(t.Elem))
	case model.Map:
		return f.codec("DecodeMap").Call(d, f.decoder(t.Key), f.decoder(t.Elem))
	case model.Pointer:
		return f.decodePointer(t)
	case model.Interface, model.Func:
		return f.decodeReference(t)
	case model.Receiver:
		return f.codec("DecodeReceiver").Call(d, f.decoder(t.Elem))
	case model.Sender:
		return f.codec("DecodeSender").Call(d, f.encoder(t.Elem))
	case model.Seq, model.Seq2:
		return f.decodeSequence(t)
	}
	return nil
}

// decodeArray yields d.ByteArray(x[:]) or codec.DecodeArray(d, x[:], decodeItem).
func (f *file) decodeArray(t *model.Type, x *jen.Statement) *jen.Statement {
	d, all := jen.Id(f.local.d), jen.Add(x).Index(jen.Empty(), jen.Empty())
	switch {
	case t.Len == 0:
		return d.Dot("Empty").Call()
	case t.Kind == model.ByteArray:
		return d.Dot("ByteArray").Call(all)
	}
	return f.codec("DecodeArray").Call(d, all, f.decoder(t.Elem))
}

// decodePointer yields codec.DecodePointer(d, decodeItem).
func (f *file) decodePointer(t *model.Type) *jen.Statement {
	if t.Elem.Kind == model.Handle {
		return f.decodeDescriptor(t.Elem).Call(jen.Id(f.local.d))
	}
	if pair := t.Elem.Pair; pair != nil && pair.Pointer {
		return f.codec("DecodePointerBy").Call(jen.Id(f.local.d), jen.Id(pair.Decode))
	}
	if inPlace(t.Elem) {
		return f.codec("DecodeReference").Call(jen.Id(f.local.d), jen.Id(f.functionFor(t.Elem).decode))
	}
	return f.codec("DecodePointer").Call(jen.Id(f.local.d), f.decoder(t.Elem))
}

// decoder yields the function that decodes a t: (*codec.Decoder).String, or decodeItems,
// or, for a struct,
//
//	func(d *codec.Decoder) (v Item) {
//		decodeItem(d, &v)
//		return v
//	}
func (f *file) decoder(t *model.Type) *jen.Statement {
	if t.Kind == model.Slog {
		return f.slog("Decode", t)
	}
	if isDescriptor(t) {
		return f.decodeDescriptor(t.Elem)
	}
	if method := codecMethod(t); method != "" {
		return jen.Parens(jen.Op("*").Add(f.codec("Decoder"))).Dot(method)
	}
	if inPlace(t) {
		return jen.Func().Params(f.decoderParam()).Params(jen.Id(f.local.v).Add(f.typ(t))).
			Block(f.decode(t, jen.Id(f.local.v)), jen.Return(jen.Id(f.local.v)))
	}
	return jen.Id(f.functionFor(t).decode)
}

// decodeBody yields the statements of t's decode function, into the variable v.
func (f *file) decodeBody(t *model.Type, v *jen.Statement) []jen.Code {
	switch t.Kind {
	case model.Struct:
		return f.decodeFields(travelling(t), v)
	case model.Snapshot:
		return f.decodeSnapshot(t, v)
	case model.Marshaler:
		return []jen.Code{jen.Id(f.local.d).Dot("Unmarshal").Call(f.unmarshal(t, v))}
	}
	return []jen.Code{f.decodeByKind(t, v)}
}

// decodeFields yields v.Key = d.String(), and so on, or what decodeAll makes of many.
func (f *file) decodeFields(fields []*model.Field, v *jen.Statement) []jen.Code {
	if len(fields) == 0 {
		return []jen.Code{jen.Id(f.local.d).Dot("Empty").Call()}
	}
	return f.decodeAll(fieldsOf(v, fields))
}

// unmarshal yields v.UnmarshalBinary.
func (f *file) unmarshal(t *model.Type, v *jen.Statement) *jen.Statement {
	switch t.Marshal {
	case model.MarshalProto:
		return f.unmarshalProto(v)
	case model.MarshalGob:
		return jen.Add(v).Dot("GobDecode")
	case model.MarshalText:
		return jen.Add(v).Dot("UnmarshalText")
	default:
		return jen.Add(v).Dot("UnmarshalBinary")
	}
}

// unmarshalProto yields
//
//	func(b []byte) error {
//		return proto.Unmarshal(b, v)
//	}
func (f *file) unmarshalProto(v *jen.Statement) *jen.Statement {
	return jen.Func().Params(jen.Id(f.local.b).Index().Add(f.builtin("byte"))).Add(f.builtin("error")).Block(
		jen.Return(f.qual(protoPath, "proto", "Unmarshal").Call(jen.Id(f.local.b), v)),
	)
}
