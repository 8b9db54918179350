package resolve

import (
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// fieldTypes lists the types of a struct's fields, nil if there is one that stays
// behind or that belongs to another package.
func (r *resolver) fieldTypes(t *types.Struct) []types.Type {
	list := []types.Type{}
	for i := range t.NumFields() {
		if v := t.Field(i); staysBehind(t, i) || !v.Exported() && v.Pkg().Path() != r.pkg.Path {
			return nil
		}
		list = append(list, t.Field(i).Type())
	}
	return list
}

// staysBehind tells whether field i does not travel.
func staysBehind(t *types.Struct, i int) bool {
	return t.Field(i).Name() == "_" || reflect.StructTag(t.Tag(i)).Get("pingo") == "-"
}

// quoteTag writes a tag as one does.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

// fields models a struct.
func (r *resolver) fields(m *model.Type, t *types.Struct, at place) {
	m.Kind = model.Struct
	syntax := at.fieldExprs(t.NumFields())
	owner := at.owner()
	for i := range t.NumFields() {
		v := t.Field(i)
		f := &model.Field{Name: v.Name(), Embedded: v.Embedded(), Tag: t.Tag(i), Source: typeText(v.Type())}
		m.Fields = append(m.Fields, f)
		if staysBehind(t, i) {
			m.NoCopy = m.NoCopy || locks(v.Type(), nil)
			if m.Name == "" {
				r.refuse(at, diag.Type, "field %s stays behind, and generated code cannot write a struct type without a name that has such a field: give it a name", v.Name())
			}
			continue
		}
		here := at
		here.path = fmt.Sprintf("%s: field %s%s", at.path, owner, v.Name())
		if syntax != nil {
			here.expr, here.pos = syntax[i], syntax[i].Pos()
		}
		if strings.Contains(t.Tag(i), "pingo:") {
			r.refuse(here, diag.Directive, "the tag %s does not keep the field behind: write `pingo:\"-\"`", quoteTag(t.Tag(i)))
		}
		if !v.Exported() && v.Pkg() != nil && v.Pkg().Path() != r.pkg.Path {
			r.refuse(here, diag.Type, "it is not exported by package %s, and %s has no marshaler that carries it%s: "+
				"copy what you need into a struct of your own, or carry the type by two functions with //pingo:codec", v.Pkg().Name(), orStruct(owner), at.half)
			continue
		}
		if isLock(v.Type()) {
			r.refuse(here, diag.Type, "%s cannot be sent; leave the field out with the tag `pingo:\"-\"`, or give %s MarshalBinary and UnmarshalBinary methods",
				typeText(v.Type()), orStruct(owner))
			continue
		}
		f.Travels = true
		f.Type = r.typ(v.Type(), here)
		r.inPlace(f.Type, here)
		m.NoCopy = m.NoCopy || f.Type.NoCopy
	}
}

func orStruct(owner string) string {
	if owner == "" {
		return "the struct"
	}
	return strings.TrimSuffix(owner, ".")
}
