package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// encode yields the statement that encodes the variable x of type t.
func (f *file) encode(t *model.Type, x *jen.Statement) *jen.Statement {
	if !ownFunction(t) {
		return f.encodeByKind(t, x)
	}
	e, fn := jen.Id(f.local.e), f.functionFor(t)
	if inPlace(t) {
		return jen.Id(fn.encode).Call(e, jen.Op("&").Add(x))
	}
	return jen.Id(fn.encode).Call(e, x)
}

// encodeByKind yields the same by t's structure: e.String(x), or
// codec.EncodeSlice(e, x, encodeItem).
func (f *file) encodeByKind(t *model.Type, x *jen.Statement) *jen.Statement {
	e := jen.Id(f.local.e)
	switch t.Kind {
	case model.Bool, model.Integer, model.Float, model.Complex, model.String:
		return e.Dot(basicMethod(t)).Call(f.basic(t, x))
	case model.Bytes:
		return e.Dot("Bytes").Call(x)
	case model.Time:
		return e.Dot("Time").Call(x)
	case model.Error:
		return e.Dot("Error").Call(x)
	case model.Any:
		return e.Dot("Any").Call(x)
	case model.Slog:
		return f.slog("Encode", t).Call(e, x)
	case model.ByteArray, model.Array:
		return f.encodeArray(t, x)
	case model.Slice:
		if inPlace(t.Elem) {
			return f.codec("EncodeStructs").Call(e, x, jen.Id(f.functionFor(t.Elem).encode))
		}
		return f.codec("EncodeSlice").Call(e, x, f.encoder(t.Elem))
	case model.Map:
		return f.codec("EncodeMap").Call(e, x, f.encoder(t.Key), f.encoder(t.Elem))
	case model.Receiver:
		return f.codec("EncodeReceiver").Call(e, x, f.encoder(t.Elem))
	case model.Sender:
		return f.codec("EncodeSender").Call(e, x, f.decoder(t.Elem))
	case model.Seq:
		return f.codec("EncodeSeq").Call(e, f.sequence(t, x), f.encoder(t.Elem))
	case model.Seq2:
		return f.codec("EncodeSeq2").Call(e, f.sequence(t, x), f.encoder(t.Key), f.encoder(t.Elem))
	default:
		return f.encodePointer(t, x)
	}
}

// encodeArray yields e.ByteArray(x[:]) or codec.EncodeArray(e, x[:], encodeItem).
func (f *file) encodeArray(t *model.Type, x *jen.Statement) *jen.Statement {
	e, all := jen.Id(f.local.e), jen.Add(x).Index(jen.Empty(), jen.Empty())
	switch {
	case t.Len == 0:
		return e.Dot("Empty").Call()
	case t.Kind == model.ByteArray:
		return e.Dot("ByteArray").Call(all)
	}
	return f.codec("EncodeArray").Call(e, all, f.encoder(t.Elem))
}

// encodePointer yields codec.EncodePointer(e, x, encodeItem).
func (f *file) encodePointer(t *model.Type, x *jen.Statement) *jen.Statement {
	if t.Elem.Kind == model.Handle {
		return f.encodeDescriptor(t.Elem).Call(jen.Id(f.local.e), x)
	}
	if pair := t.Elem.Pair; pair != nil && pair.Pointer {
		return f.codec("EncodePointerBy").Call(jen.Id(f.local.e), x, jen.Id(pair.Encode))
	}
	if inPlace(t.Elem) {
		return f.codec("EncodeReference").Call(jen.Id(f.local.e), x, jen.Id(f.functionFor(t.Elem).encode))
	}
	return f.codec("EncodePointer").Call(jen.Id(f.local.e), x, f.encoder(t.Elem))
}

// encoder yields the function that encodes a t: (*codec.Encoder).String, or encodeItems,
// or what calls that of a struct: func(e *codec.Encoder, v Item) { encodeItem(e, &v) }.
func (f *file) encoder(t *model.Type) *jen.Statement {
	if t.Kind == model.Slog {
		return f.slog("Encode", t)
	}
	if isDescriptor(t) {
		return f.encodeDescriptor(t.Elem)
	}
	if method := codecMethod(t); method != "" {
		return jen.Parens(jen.Op("*").Add(f.codec("Encoder"))).Dot(method)
	}
	if inPlace(t) {
		return jen.Func().Params(f.encoderParam(), jen.Id(f.local.v).Add(f.typ(t))).Block(f.encode(t, jen.Id(f.local.v)))
	}
	return jen.Id(f.functionFor(t).encode)
}

// slog yields the function that encodes or decodes a type of log/slog:
// slogcodec.EncodeRecord.
func (f *file) slog(verb string, t *model.Type) *jen.Statement {
	return f.qual(slogPath, "slogcodec", verb+t.Basic)
}

// encodeBody yields the statements of t's encode function, of the parameter v.
func (f *file) encodeBody(t *model.Type, v *jen.Statement) []jen.Code {
	switch t.Kind {
	case model.Struct:
		return f.encodeFields(travelling(t), v)
	case model.Snapshot:
		return f.encodeSnapshot(t, v)
	case model.Marshaler:
		if t.Pair != nil {
			return []jen.Code{f.encodeBy(t.Pair, v)}
		}
		return []jen.Code{jen.Id(f.local.e).Dot("Marshaled").Call(f.marshal(t, v))}
	case model.Interface, model.Func:
		return []jen.Code{f.encodeReference(t, v)}
	}
	return []jen.Code{f.encodeByKind(t, v)}
}

// encodeFields yields e.String(v.Key), and so on, or what encodeAll makes of many.
func (f *file) encodeFields(fields []*model.Field, v *jen.Statement) []jen.Code {
	if len(fields) == 0 {
		return []jen.Code{jen.Id(f.local.e).Dot("Empty").Call()}
	}
	return f.encodeAll(fieldsOf(v, fields))
}

// marshal yields v.MarshalBinary().
func (f *file) marshal(t *model.Type, v *jen.Statement) *jen.Statement {
	switch t.Marshal {
	case model.MarshalProto:
		return f.qual(protoPath, "proto", "Marshal").Call(v)
	case model.MarshalGob:
		return jen.Add(v).Dot("GobEncode").Call()
	case model.MarshalText:
		return jen.Add(v).Dot("MarshalText").Call()
	default:
		return jen.Add(v).Dot("MarshalBinary").Call()
	}
}

// basicMethod returns the method of Encoder and Decoder for a basic type.
func basicMethod(t *model.Type) string {
	switch t.Basic {
	case "byte":
		return "Uint8"
	case "rune":
		return "Int32"
	}
	return exported(t.Basic)
}

// codecMethod returns the method of Encoder and Decoder that takes and returns
// exactly t, or "".
func codecMethod(t *model.Type) string {
	switch t.Kind {
	case model.Bool, model.Integer, model.Float, model.Complex, model.String:
		if t.Package == "" {
			return basicMethod(t)
		}
	case model.Bytes:
		if t.Name == "" {
			return "Bytes"
		}
	case model.Time:
		return "Time"
	case model.Error:
		return "Error"
	case model.Any:
		if t.Package == "" {
			return "Any"
		}
	}
	return ""
}
