package resolve

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/pingogen/pingogen/generator/internal/diag"
)

// refuse reports that what is mentioned at a place cannot travel.
func (r *resolver) refuse(at place, code diag.Code, format string, args ...any) {
	r.errorf(at.pos, code, "%s: %s", at.path, fmt.Sprintf(format, args...))
}

// refuseInterface refuses interfaces other than error, each with what fits it.
func (r *resolver) refuseInterface(at place, t types.Type) {
	it := t.Underlying().(*types.Interface)
	switch {
	case !it.IsMethodSet():
		r.refuse(at, diag.Type, "%s is a constraint, which no value has as its type: use a type that fits it", typeText(t))
	case it.NumMethods() == 0:
		r.refuse(at, diag.Unsupported, "a value of any type cannot be sent yet (a later version will send registered types): use a concrete type")
	default:
		r.refuse(at, diag.Unsupported, "the interface %s cannot be sent yet (a later version will pass it by reference): use a concrete type", typeText(t))
	}
}

// broken reports the mistake in the source that makes a type unknown.
func (r *resolver) broken(at place) {
	if c := cType(at.expr); c != nil {
		r.refuse(at.down(c), diag.Type, "the C type C.%s cannot be sent: use a Go type and convert", c.Sel.Name)
		return
	}
	text := "its type is not known, since the source does not compile"
	pos := at.pos
	for _, p := range at.pkg.Problems {
		if !p.Syntax && at.expr != nil && at.expr.Pos() <= p.Pos && p.Pos <= at.expr.End() {
			p.Used = true
			text, pos = p.Text, p.Pos
			break
		}
	}
	r.errorf(pos, diag.Broken, "%s: %s", at.path, text)
}

// cType finds the C type that an expression mentions, if it does.
func cType(x ast.Expr) (found *ast.SelectorExpr) {
	if x == nil {
		return nil
	}
	ast.Inspect(x, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if c, ok := sel.X.(*ast.Ident); ok && c.Name == "C" {
				found = sel
			}
		}
		return found == nil
	})
	return found
}

// typeText is a type with the names of packages, as one would write it.
func typeText(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// describe says what kind of type t is.
func describe(t types.Type) string {
	switch t := t.(type) {
	case *types.Struct:
		return "a struct"
	case *types.Pointer:
		return "a pointer"
	case *types.Slice:
		return "a slice"
	case *types.Array:
		return "an array"
	case *types.Map:
		return "a map"
	case *types.Signature:
		return "a function"
	case *types.Chan:
		return "a channel"
	case *types.Interface:
		return "an interface"
	default:
		return typeText(t)
	}
}
