package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// variable is what is encoded or decoded: v.Key.
type variable struct {
	typ *model.Type
	x   *jen.Statement
}

// fieldsOf returns v.Key, and so on.
func fieldsOf(v *jen.Statement, fields []*model.Field) []variable {
	list := make([]variable, len(fields))
	for i, field := range fields {
		list[i] = variable{field.Type, jen.Add(v).Dot(field.Name)}
	}
	return list
}

// A run is variables of small types one behind the other. The codec has a faster way
// for them, which is worth its two lines from so many on.
const shortestRun = 3

// runs cuts a list into runs and what stands alone.
func runs(list []variable) [][]variable {
	var parts [][]variable
	for len(list) > 0 {
		n := 0
		for n < len(list) && runMethod(list[n].typ) != "" {
			n++
		}
		if n < shortestRun {
			n = 1
		}
		parts = append(parts, list[:n])
		list = list[n:]
	}
	return parts
}

// runMethod returns the method of FieldEncoder and FieldDecoder for t, or "".
func runMethod(t *model.Type) string {
	switch t.Kind {
	case model.Bool, model.Integer, model.Float, model.Complex, model.String:
		return basicMethod(t)
	case model.Bytes:
		return "Bytes"
	case model.Time:
		return "Time"
	}
	return ""
}

// encodeAll yields the statements that encode variables, which for a run is
//
//	e.Fields().
//		String(v.Key).
//		Int64(int64(v.Took)).
//		End()
func (f *file) encodeAll(list []variable) []jen.Code {
	var body []jen.Code
	for _, run := range runs(list) {
		if len(run) == 1 {
			body = append(body, f.encode(run[0].typ, run[0].x))
			continue
		}
		body = append(body, chain(f.local.e, run, func(v variable) *jen.Statement { return f.basic(v.typ, v.x) }))
	}
	return body
}

// decodeAll yields the statements that decode variables, which for a run is
//
//	d.Fields().
//		String(&v.Key).
//		Int64((*int64)(&v.Took)).
//		End()
func (f *file) decodeAll(list []variable) []jen.Code {
	var body []jen.Code
	for _, run := range runs(list) {
		if len(run) == 1 {
			body = append(body, f.decode(run[0].typ, run[0].x))
			continue
		}
		body = append(body, chain(f.local.d, run, f.pointerTo))
	}
	return body
}

func chain(coder string, run []variable, arg func(variable) *jen.Statement) *jen.Statement {
	s := jen.Id(coder).Dot("Fields").Call()
	for _, v := range run {
		s.Op(".").Line().Id(runMethod(v.typ)).Call(arg(v))
	}
	return s.Op(".").Line().Id("End").Call()
}

// basic yields x as the type that the codec takes: int64(v.Took).
func (f *file) basic(t *model.Type, x *jen.Statement) *jen.Statement {
	if t.Basic == "" || t.Package == "" {
		return x
	}
	return f.builtin(t.Basic).Call(x)
}

// pointerTo yields &v.Key, or (*int64)(&v.Took).
func (f *file) pointerTo(v variable) *jen.Statement {
	p := jen.Op("&").Add(v.x)
	switch {
	case v.typ.Kind == model.Bytes && v.typ.Name != "":
		return jen.Parens(jen.Op("*").Index().Add(f.builtin("byte"))).Call(p)
	case v.typ.Basic != "" && v.typ.Package != "":
		return jen.Parens(jen.Op("*").Add(f.builtin(v.typ.Basic))).Call(p)
	}
	return p
}
