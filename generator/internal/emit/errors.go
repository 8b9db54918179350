package emit

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// errors yields, for a package with errors of its own,
//
//	// The errors of this package keep their identity on the other side of a call.
//	func init() {
//		codec.RegisterErrors("example.com/greeter",
//			codec.ErrorVar("ErrNobody", ErrNobody),
//			codec.ErrorReference("NameError", 0x0123456789abcdef, encodeNameError, decodeNameError),
//		)
//	}
//
// It asks for the functions of the types.
func (f *file) errors() *jen.Statement {
	list := []jen.Code{jen.Lit(f.pkg.Path)}
	for _, name := range f.pkg.ErrorVars {
		list = append(list, jen.Line().Add(f.codec("ErrorVar")).Call(jen.Lit(name), jen.Id(name)))
	}
	for _, t := range f.pkg.ErrorTypes {
		list = append(list, jen.Line().Add(f.errorType(t)))
	}
	if len(list) == 1 {
		return nil
	}
	list = append(list, jen.Line())
	return comment("The errors of this package keep their identity on the other side of a call.").
		Func().Id("init").Params().Block(f.codec("RegisterErrors").Call(list...))
}

// errorType yields codec.ErrorReference("NameError", 0x0123456789abcdef, encodeNameError, decodeNameError),
// or ErrorPointer for what is no struct, or ErrorValue.
func (f *file) errorType(t *model.ErrorType) *jen.Statement {
	name, fingerprint := jen.Lit(t.Type.Name), jen.Id(fmt.Sprintf("%#016x", f.fingerprint(t.Type)))
	fn := f.functionFor(t.Type)
	switch {
	case t.Type.NoCopy, t.Pointer && inPlace(t.Type):
		return f.codec("ErrorReference").Call(name, fingerprint, jen.Id(fn.encode), jen.Id(fn.decode))
	case t.Pointer:
		return f.codec("ErrorPointer").Call(name, fingerprint, jen.Id(fn.encode), jen.Id(fn.decode))
	}
	return f.codec("ErrorValue").Call(name, fingerprint, f.encoder(t.Type), f.decoder(t.Type))
}

// fingerprint identifies the definition of a type, as that of a method with one
// such parameter.
func (f *file) fingerprint(t *model.Type) uint64 {
	method := &model.Method{Name: t.Name, Params: []*model.Param{{Type: t}}}
	return describe(f.pkg.Path, &model.Contract{Methods: []*model.Method{method}}).Methods[0].Fingerprint
}
