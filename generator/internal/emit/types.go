package emit

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// typ returns t as it is written in the file.
func (f *file) typ(t *model.Type) *jen.Statement {
	switch {
	case t.Name != "" && t.Package == "":
		return f.builtin(t.Name)
	case t.Name != "":
		return f.named(t)
	}
	return f.literal(t)
}

// named returns a named type or an alias, with its type arguments.
func (f *file) named(t *model.Type) *jen.Statement {
	s := f.qual(t.Package, t.PackageName, t.Name)
	if len(t.Args) == 0 {
		return s
	}
	args := make([]jen.Code, len(t.Args))
	for i, arg := range t.Args {
		args[i] = f.typ(arg)
	}
	return s.Types(args...)
}

// literal returns a type that is written by its structure.
func (f *file) literal(t *model.Type) *jen.Statement {
	switch t.Kind {
	case model.Bytes:
		return jen.Index().Add(f.builtin("byte"))
	case model.ByteArray:
		return jen.Index(jen.Lit(int(t.Len))).Add(f.builtin("byte"))
	case model.Slice:
		return jen.Index().Add(f.typ(t.Elem))
	case model.Array:
		return jen.Index(jen.Lit(int(t.Len))).Add(f.typ(t.Elem))
	case model.Map:
		return jen.Map(f.typ(t.Key)).Add(f.typ(t.Elem))
	case model.Pointer:
		return jen.Op("*").Add(f.typ(t.Elem))
	case model.Any:
		return f.builtin("any")
	case model.Interface:
		return f.interfaceType(t.Methods)
	case model.Func:
		return jen.Func().Add(f.signature(t.Methods[0]))
	case model.Receiver:
		return jen.Op("<-").Chan().Add(f.typ(t.Elem))
	case model.Sender:
		return jen.Chan().Op("<-").Add(f.typ(t.Elem))
	case model.Chan:
		return jen.Chan().Parens(f.typ(t.Elem))
	case model.Seq:
		return jen.Func().Params(jen.Func().Params(f.typ(t.Elem)).Add(f.builtin("bool")))
	case model.Seq2:
		return jen.Func().Params(jen.Func().Params(f.typ(t.Key), f.typ(t.Elem)).Add(f.builtin("bool")))
	default:
		return f.structType(t.Fields)
	}
}

// interfaceType returns the literal of an interface type, one method a line.
func (f *file) interfaceType(methods []*model.Method) *jen.Statement {
	list := make([]jen.Code, len(methods))
	for i, m := range methods {
		list[i] = jen.Id(m.Name).Add(f.signature(m))
	}
	return jen.Interface(list...)
}

// signature returns the types of a method's parameters and results:
// (context.Context, string) (string, error).
func (f *file) signature(m *model.Method) *jen.Statement {
	var params []jen.Code
	if m.Context {
		params = append(params, f.context("Context"))
	}
	for i, p := range m.Params {
		if m.Variadic && i == len(m.Params)-1 {
			params = append(params, jen.Op("...").Add(f.typ(p.Type.Elem)))
			continue
		}
		params = append(params, f.typ(p.Type))
	}
	return jen.Params(params...).Add(f.resultTypes(m))
}

// resultTypes returns the types of a method's results: (string, error).
func (f *file) resultTypes(m *model.Method) *jen.Statement {
	var list []jen.Code
	for _, r := range m.Results {
		list = append(list, f.typ(r.Type))
	}
	if m.Error {
		list = append(list, f.builtin("error"))
	}
	switch len(list) {
	case 0:
		return jen.Null()
	case 1:
		return jen.Add(list[0])
	}
	return jen.Params(list...)
}

// structType returns the literal of a struct type: struct{ Key string }.
func (f *file) structType(fields []*model.Field) *jen.Statement {
	list := make([]jen.Code, len(fields))
	for i, field := range fields {
		list[i] = f.field(field)
	}
	return jen.Struct(list...)
}

// field returns a field of a struct type's literal.
func (f *file) field(field *model.Field) *jen.Statement {
	s := jen.Id(field.Name)
	if field.Embedded {
		s = jen.Null()
	}
	s.Add(f.typ(field.Type))
	if field.Tag != "" {
		s.Op(quoteTag(field.Tag))
	}
	return s
}

// quoteTag returns a struct tag as one writes it.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

// word returns what t is called within the name of a function.
func (f *file) word(t *model.Type) string {
	switch {
	case t.Name == "":
		return f.literalWord(t)
	case t.Package == "" || t.Package == f.pkg.Path:
		return exported(t.Name) + f.words(t.Args)
	}
	return exported(t.PackageName) + exported(t.Name) + f.words(t.Args)
}

func (f *file) words(list []*model.Type) string {
	s := ""
	for _, t := range list {
		s += f.word(t)
	}
	return s
}

func (f *file) paramWords(m *model.Method) string {
	s := ""
	for _, p := range m.Params {
		s += f.word(p.Type)
	}
	return s
}

func (f *file) literalWord(t *model.Type) string {
	switch t.Kind {
	case model.Bytes:
		return "Bytes"
	case model.ByteArray:
		return "ByteArray"
	case model.Slice:
		return f.word(t.Elem) + "Slice"
	case model.Array:
		return f.word(t.Elem) + "Array"
	case model.Map:
		return f.word(t.Key) + f.word(t.Elem) + "Map"
	case model.Struct:
		return "Struct"
	case model.Any:
		return "Any"
	case model.Interface:
		return "Interface"
	case model.Func:
		return f.paramWords(t.Methods[0]) + "Func"
	case model.Receiver:
		return f.word(t.Elem) + "Receiver"
	case model.Sender:
		return f.word(t.Elem) + "Sender"
	case model.Seq:
		return f.word(t.Elem) + "Seq"
	case model.Seq2:
		return f.word(t.Key) + f.word(t.Elem) + "Seq"
	default:
		return f.word(t.Elem) + "Pointer"
	}
}
