package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// isDescriptor tells whether the codec's own functions take and return exactly t.
func isDescriptor(t *model.Type) bool {
	return t.Kind == model.Pointer && t.Name == "" && t.Elem.Kind == model.Handle
}

// encodeDescriptor yields codec.EncodeFile, or codec.EncodeSocket for pointers to
// other handles.
func (f *file) encodeDescriptor(handle *model.Type) *jen.Statement {
	if handle.Package == "os" {
		return f.codec("EncodeFile")
	}
	return f.codec("EncodeSocket").Types(jen.Op("*").Add(f.typ(handle)))
}

// decodeDescriptor yields codec.DecodeFile, or codec.DecodeSocket[*net.TCPConn].
func (f *file) decodeDescriptor(handle *model.Type) *jen.Statement {
	if handle.Package == "os" {
		return f.codec("DecodeFile")
	}
	return f.codec("DecodeSocket").Types(jen.Op("*").Add(f.typ(handle)))
}
