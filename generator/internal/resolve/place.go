package resolve

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/load"
)

// place is where a type is mentioned: the expression that has to change if it
// cannot travel, and the way there.
type place struct {
	pkg  *load.Package
	expr ast.Expr // nil where there is no syntax
	pos  token.Pos
	path string
	key  bool   // it is the key of a map
	half string // a marshal method without its counterpart, for messages
	name string // of the type whose declaration it is, for messages

	snapshot string // what //pingo:value says of the interface whose method it is, if it could

	foreign   bool              // inside a type without syntax, whose findings are one
	instances []*types.TypeName // of generic types that it is inside of
}

// into goes from the mention of a named type to its declaration, if there is syntax.
func (r *resolver) into(t *types.Named, at place) place {
	at.name = t.Obj().Name()
	if t.TypeArgs().Len() > 0 {
		at.instances = append(slices.Clip(at.instances), t.Obj())
	}
	if t.Obj().Pkg() != nil && t.Obj().Pkg().Path() != r.pkg.Path {
		at.name = t.Obj().Pkg().Name() + "." + at.name
	}
	return r.declared(t.Obj(), at)
}

func (r *resolver) intoAlias(t *types.Alias, at place) place {
	at.name = ""
	return r.declared(t.Obj(), at)
}

func (r *resolver) declared(name *types.TypeName, at place) place {
	s, ok := r.sourceOf(name)
	if !ok {
		at.expr = nil
		return at
	}
	at.pkg, at.expr, at.pos = s.pkg, s.spec.Type, s.spec.Type.Pos()
	if s.spec.TypeParams != nil {
		at.expr = nil // its parameters are written there, not their values
	}
	return at
}

// owner is what the fields of the struct at a place belong to: "Item.", or
// nothing if it has no name.
func (at place) owner() string {
	if at.name == "" {
		return ""
	}
	return at.name + "."
}

// elem goes from a composite type to its elements.
func (at place) elem() place {
	at.key, at.name = false, ""
	switch x := ast.Unparen(at.expr).(type) {
	case *ast.StarExpr:
		return at.down(x.X)
	case *ast.ArrayType:
		return at.down(x.Elt)
	case *ast.Ellipsis:
		return at.down(x.Elt)
	case *ast.MapType:
		return at.down(x.Value)
	}
	return at
}

// mapKey goes from a map to its keys.
func (at place) mapKey() place {
	x, ok := ast.Unparen(at.expr).(*ast.MapType)
	at.key, at.name = true, ""
	at.path += ": key"
	if ok {
		return at.down(x.Key)
	}
	return at
}

// part is the end of the way, from the last field or method on: what is told of a
// place beside others in the same type.
func (at place) part() string {
	begin := max(strings.LastIndex(at.path, ": field "), strings.LastIndex(at.path, ": method "))
	if begin < 0 {
		return ""
	}
	return strings.TrimPrefix(at.path[begin:], ": ")
}

func (at place) down(x ast.Expr) place {
	at.expr, at.pos = x, x.Pos()
	return at
}

// fieldExprs lists the types of a struct's n fields, nil if there is no syntax.
func (at place) fieldExprs(n int) []ast.Expr {
	x, ok := ast.Unparen(at.expr).(*ast.StructType)
	if !ok {
		return nil
	}
	all := exprs(x.Fields)
	if len(all) != n {
		return nil
	}
	return all
}
