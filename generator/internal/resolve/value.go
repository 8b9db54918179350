package resolve

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// valueHere notes that the values of an interface travel as snapshots, in all
// contracts of the package.
func (r *resolver) valueHere(spec *ast.TypeSpec, d directive) {
	name, ok := r.pkg.Info.Defs[spec.Name].(*types.TypeName)
	if !ok {
		return
	}
	t, ok := name.Type().(*types.Named) // and no alias
	switch {
	case !ok:
		r.errorf(d.pos, diag.Misplaced, "%s is an alias: put //pingo:value on the interface itself, or name it on the contract", spec.Name.Name)
	case t.Underlying() == types.Typ[types.Invalid]: // which is reported elsewhere
	case !types.IsInterface(t):
		r.errorf(d.pos, diag.Misplaced, "%s is not an interface but %s, which travels by value as it is: delete //pingo:value", spec.Name.Name, describe(t.Underlying()))
	default:
		r.values[name] = &ownDirective{directive: d}
	}
}

// byValue tells whether the values of an interface travel as snapshots.
func (r *resolver) byValue(t *types.Named) bool { return r.valueDirective(t) != token.NoPos }

// valueDirective is where that is said.
func (r *resolver) valueDirective(t *types.Named) token.Pos {
	if own := r.values[t.Obj()]; own != nil {
		own.used = own.used || !r.quiet
		return own.pos
	}
	if r.choices == nil {
		return token.NoPos
	}
	name := declaredAs(t.Obj())
	d, ok := r.choices.values[name]
	for _, written := range slices.Sorted(maps.Keys(r.choices.values)) {
		if !ok && meantOne(written, []string{name}) != "" && !r.exists(written) {
			d, ok = r.choices.values[written], true // what is misspelt is refused later, and what would follow from it is not
			r.choices.values[name] = d
		}
	}
	return d.pos
}

// exists tells whether the contract could mention a type of the name that a directive gives it.
func (r *resolver) exists(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	p := r.set.Known(name[:dot])
	return p != nil && p.Scope().Lookup(name[dot+1:]) != nil
}

// snapshot models an interface whose methods are asked when a value leaves, and
// whose results travel.
func (r *resolver) snapshot(m *model.Type, t *types.Named, at place) {
	m.Kind = model.Snapshot
	it := t.Underlying().(*types.Interface)
	pos := r.valueDirective(t)
	switch {
	case at.key:
		r.refuse(at, diag.Type, "an interface cannot be a key: what arrives is never equal to what was sent; use a value that identifies it")
		return
	case !it.IsMethodSet() || it.NumMethods() == 0:
		r.errorf(pos, diag.Directive, "//pingo:value %s: it has no methods that could be asked: delete the directive", typeText(t))
		return
	}
	at = r.into(t, at)
	for i := range it.NumMethods() {
		f := it.Method(i)
		if why := r.noGetter(f); why != "" {
			r.errorf(pos, diag.Directive, "//pingo:value %s: method %s %s: leave the directive out, and values are passed by reference", typeText(t), f.Name(), why)
			continue
		}
		m.Methods = append(m.Methods, r.getter(f, at))
	}
	slices.SortFunc(m.Methods, func(a, b *model.Method) int { return cmp.Compare(a.Name, b.Name) })
}

// noGetter says why a method cannot be asked in advance, "" if it can.
func (r *resolver) noGetter(f *types.Func) string {
	sig := f.Signature()
	switch {
	case !f.Exported() && f.Pkg().Path() != r.pkg.Path:
		return fmt.Sprintf("is not exported, so that only package %s can implement it", f.Pkg().Name())
	case sig.Params().Len() == 1 && isContext(sig.Params().At(0).Type()):
		return "takes a context, and is therefore a call"
	case sig.Params().Len() > 0:
		return "takes arguments"
	case sig.Results().Len() == 0:
		return "reports nothing"
	case specialOf(sig, f.Name()) == model.Close:
		return "does more than report"
	}
	for v := range sig.Results().Variables() {
		switch u := v.Type().Underlying().(type) {
		case *types.Signature:
			return "returns a function, which stays where it is"
		case *types.Chan:
			return "returns " + describe(u) + ", which is a stream"
		}
	}
	return ""
}

// getter models a method that is asked in advance: its call cannot fail.
func (r *resolver) getter(f *types.Func, at place) *model.Method {
	if isSys(f) {
		return r.mentioned(f, at)
	}
	m, syntax, at := r.declaration(f, r.inside(f, at))
	r.results(m, f.Signature(), syntax, at)
	return m
}
