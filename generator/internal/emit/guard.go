package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// guards adds what stops the build when generated code no longer fits the
// runtime, the interfaces or the structs. It comes last: all functions are known.
func (f *file) guards() {
	f.add(f.formatGuard())
	for _, c := range f.pkg.Contracts {
		f.add(f.contractGuard(c))
	}
	guarded := map[string]bool{}
	for _, fn := range f.order {
		if name := (&describer{}).typ(fn.typ); !guarded[name] { // there is one for each policy
			guarded[name] = true
			f.add(f.structGuard(fn.typ))
		}
	}
}

// formatGuard yields
//
//	// This file and the runtime belong together.
//	const _ = codec.GeneratedFormat1_IfThisIsUndefined_UpdateTheRuntimeOrRunGoGenerate
func (f *file) formatGuard() *jen.Statement {
	return comment("This file and the runtime belong together.").
		Const().Id("_").Op("=").Add(f.codec("GeneratedFormat1_IfThisIsUndefined_UpdateTheRuntimeOrRunGoGenerate"))
}

// contractGuard yields
//
//	// If this does not compile, Greeter has changed: run go generate.
//	var _ = func(changedRunGoGenerate func(Greeter)) {
//		changedRunGoGenerate(&GreeterClient{})
//	}
//
// The compiler's message has the name in it.
func (f *file) contractGuard(c *model.Contract) *jen.Statement {
	v := jen.Id(f.local.changed)
	return changed(c.Name).Var().Id("_").Op("=").
		Func().Params(jen.Add(v).Func().Params(jen.Id(c.Name))).Block(jen.Add(v).Call(jen.Op("&").Id(c.Name + "Client").Values()))
}

// structGuard yields
//
//	// If this does not compile, Item has changed: run go generate.
//	var _ = func(changedRunGoGenerate *Item) {
//		_ = (*struct{ Key string })(changedRunGoGenerate)
//	}
//
// for a named struct, and nothing for other types.
func (f *file) structGuard(t *model.Type) *jen.Statement {
	switch {
	case t.Kind != model.Struct || t.Name == "":
		return nil
	case allTravel(t) && (t.Package == f.pkg.Path || allExported(t)):
		return f.literalGuard(t)
	case t.Package == f.pkg.Path && !hasBlank(t):
		return f.countGuard(t)
	}
	return nil
}

// literalGuard yields a conversion to the type's literal, which compiles as long
// as both have the same fields.
func (f *file) literalGuard(t *model.Type) *jen.Statement {
	literal := jen.Op("*").Add(f.structType(untagged(t.Fields)))
	v := jen.Id(f.local.changed)
	return changed(t.Name).Var().Id("_").Op("=").
		Func().Params(jen.Add(v).Op("*").Add(f.typ(t))).Block(jen.Id("_").Op("=").Parens(literal).Call(v))
}

// countGuard yields, for a struct with fields that stay behind and whose types
// the file therefore does not know, a literal that compiles as long as it lists
// all fields.
func (f *file) countGuard(t *model.Type) *jen.Statement {
	v := jen.Id(f.local.changed)
	values := make([]jen.Code, len(t.Fields))
	for i, field := range t.Fields {
		values[i] = f.codec("Zero").Call(jen.Op("&").Add(v).Dot(field.Name))
	}
	return changed(t.Name).Var().Id("_").Op("=").
		Func().Params(jen.Add(v).Op("*").Add(f.typ(t))).Add(f.typ(t)).
		Block(jen.Return(f.typ(t).Values(values...)))
}

// changed yields the comment that whoever meets a failing guard reads.
func changed(name string) *jen.Statement {
	return comment("If this does not compile, " + name + " has changed: run go generate.")
}

// untagged returns fields without their tags, which conversions ignore.
func untagged(fields []*model.Field) []*model.Field {
	list := make([]*model.Field, len(fields))
	for i, field := range fields {
		bare := *field
		bare.Tag = ""
		list[i] = &bare
	}
	return list
}

func allTravel(t *model.Type) bool { return len(travelling(t)) == len(t.Fields) }

func allExported(t *model.Type) bool {
	for _, field := range t.Fields {
		if !isExported(field.Name) {
			return false
		}
	}
	return true
}

func hasBlank(t *model.Type) bool {
	for _, field := range t.Fields {
		if field.Name == "_" {
			return true
		}
	}
	return false
}
