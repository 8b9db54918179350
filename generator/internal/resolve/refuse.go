package resolve

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// refuse reports that what is mentioned at a place cannot travel.
func (r *resolver) refuse(at place, code diag.Code, format string, args ...any) {
	r.diags.Add(diag.Diagnostic{Pos: r.set.Fset.Position(at.pos), Code: code, Message: at.path + ": " + fmt.Sprintf(format, args...), Part: at.part()})
}

// better refuses a struct of another package whose fields cannot be read, if what it is for travels by
// other means: a copy by a pair of functions would not be what is wanted.
func (r *resolver) better(t *types.Named, at place) bool {
	st, ok := t.Underlying().(*types.Struct)
	if !ok || t.Obj().Pkg() == r.pkg.Types || half(t) != "" || !hides(st) {
		return false
	}
	var use string
	switch reads, writes := hasSpecial(t, "Read", model.Read), hasSpecial(t, "Write", model.Write); {
	case reads && writes:
		use = "use an interface such as io.Reader or io.Writer, which streams, or []byte"
	case reads:
		use = "use an interface such as io.Reader, which streams, or []byte"
	case writes:
		use = "use an interface such as io.Writer, which streams, or []byte"
	case isNamed(t, "log/slog", "Logger"), isNamed(t, "log", "Logger"):
		use = "have the plugin log with log/slog, whose records arrive in the host's Config.LogHandler"
	default:
		return false
	}
	r.refuse(at, diag.Type, "%s has fields that are not exported by package %s: %s", typeText(t), t.Obj().Pkg().Name(), use)
	return true
}

// hides tells whether a struct has fields that would travel, and are not exported.
func hides(t *types.Struct) bool {
	for i := range t.NumFields() {
		if !t.Field(i).Exported() && !staysBehind(t, i) {
			return true
		}
	}
	return false
}

// hasSpecial tells whether pointers to t have a method of package io.
func hasSpecial(t types.Type, name string, special model.Special) bool {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), false, nil, name)
	f, ok := obj.(*types.Func)
	return ok && specialOf(f.Signature(), name) == special
}

// broken reports the mistake in the source that makes a type unknown.
func (r *resolver) broken(at place) {
	if c := cType(at.expr); c != nil {
		r.refuse(at.down(c), diag.Type, "the C type C.%s cannot be sent: use a Go type and convert", c.Sel.Name)
		return
	}
	text := "its type is not known, since the source does not compile"
	for _, p := range at.pkg.Problems {
		if !p.Syntax && at.expr != nil && at.expr.Pos() <= p.Pos && p.Pos <= at.expr.End() {
			p.Used = p.Used || !r.quiet
			text, at.pos = p.Text, p.Pos
			break
		}
	}
	r.refuse(at, diag.Broken, "%s", text)
}

// mistaken tells whether there are mistakes in the declaration of a type that begin
// like one of texts. It reports those that were not reported before.
func (r *resolver) mistaken(name *types.TypeName, at place, texts ...string) bool {
	s, ok := r.sourceOf(name)
	if !ok {
		return false
	}
	found := false
	for _, p := range s.pkg.Problems {
		begins := func(text string) bool { return strings.HasPrefix(p.Text, text) }
		if p.Syntax || p.Pos < s.spec.Pos() || p.Pos > s.spec.End() || !slices.ContainsFunc(texts, begins) {
			continue
		}
		if !p.Used {
			here := at
			here.pos = p.Pos
			r.refuse(here, diag.Broken, "%s", strings.TrimSuffix(p.Text, ":"))
		}
		p.Used, found = p.Used || !r.quiet, true
	}
	return found
}

// isEndless refuses a generic type that contains ever larger instances of itself.
// The compiler does so, too, but says so only if nothing else is wrong.
func (r *resolver) isEndless(t *types.Named, at place) bool {
	const nested = 20 // instances as arguments of each other, as far as anybody writes them
	n := 0
	for _, outer := range at.instances {
		if outer == t.Obj() {
			n++
		}
	}
	if n < nested && !r.endless[t.Obj()] {
		return false
	}
	if !r.endless[t.Obj()] {
		r.endless[t.Obj()] = true
		r.errorf(at.pos, diag.Broken, "%s contains instances of itself without end: give it the same type arguments inside", t.Obj().Name())
	}
	return true
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
