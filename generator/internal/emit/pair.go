package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// encodeBy yields codec.EncodeBy(e, v, encodeURL), with &v for functions that take
// a pointer.
func (f *file) encodeBy(p *model.Pair, v *jen.Statement) *jen.Statement {
	if p.Pointer {
		v = jen.Op("&").Add(v)
	}
	return f.codec("EncodeBy").Call(jen.Id(f.local.e), v, jen.Id(p.Encode))
}

// decodeBy yields codec.DecodeBy(d, decodeURL), or DecodeValueBy for functions that
// return a pointer. It is nil for a type with methods of its own.
func (f *file) decodeBy(t *model.Type) *jen.Statement {
	if t.Pair == nil {
		return nil
	}
	helper := "DecodeBy"
	if t.Pair.Pointer {
		helper = "DecodeValueBy"
	}
	return f.codec(helper).Call(jen.Id(f.local.d), jen.Id(t.Pair.Decode))
}
