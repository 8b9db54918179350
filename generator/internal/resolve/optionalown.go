package resolve

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// What values of another package's interface may be beside it is not always said
// by that package: a driver.Conn may be a driver.Pinger, which embeds nothing. An
// interface with //pingo:optional, which embeds both, says so.

// optionalHere notes an interface with the directive.
func (r *resolver) optionalHere(spec *ast.TypeSpec, d directive) {
	name, ok := r.pkg.Info.Defs[spec.Name].(*types.TypeName)
	if !ok || name.Type().Underlying() == types.Typ[types.Invalid] { // which is reported elsewhere
		return
	}
	t, ok := name.Type().(*types.Named) // and no alias
	switch {
	case len(d.args) > 0:
		r.errorf(d.pos, diag.Directive, "//pingo:optional takes no arguments: it stands on an interface that embeds the one which its values are passed as")
	case !ok || spec.TypeParams != nil || !types.IsInterface(t):
		r.errorf(d.pos, diag.Misplaced, "//pingo:optional belongs on an interface that embeds the one which its values are passed as, not on %s", spec.Name.Name)
	case t.Underlying().(*types.Interface).NumEmbeddeds() == 0:
		r.errorf(d.pos, diag.Directive, "//pingo:optional %s embeds no interface: embed the one which its values are passed as", spec.Name.Name)
	default:
		r.optionals[name] = &ownDirective{directive: d}
	}
}

// marked models what the package's own optional interfaces add to a plain one,
// and reports what cannot be optional. It counts these interfaces.
func (r *resolver) marked(plain *types.Named, taken map[string]bool) (list []*model.Method, count int) {
	for _, name := range r.pkg.Types.Scope().Names() {
		tn, _ := r.pkg.Types.Scope().Lookup(name).(*types.TypeName)
		d := r.optionals[tn]
		if d == nil || !embeds(tn.Type().(*types.Named), plain) {
			continue
		}
		d.used = d.used || !r.quiet
		if count++; count > maxOptional {
			r.errorf(d.pos, diag.Directive, "//pingo:optional: values of %s may be %d interfaces already, and there is a proxy for each combination: "+
				"make one interface of those that come together", typeText(plain), maxOptional)
			continue
		}
		list = append(list, r.markedMethods(tn, plain, taken, d.pos)...)
	}
	return list, count
}

func (r *resolver) markedMethods(name *types.TypeName, plain *types.Named, taken map[string]bool, pos token.Pos) []*model.Method {
	t := name.Type().(*types.Named)
	at := r.into(t, place{pkg: r.pkg, pos: pos, path: name.Name()})
	optional := &model.Optional{Type: &model.Type{}, Plain: &model.Type{}}
	if !r.write(optional.Type, t, at) || !r.write(optional.Plain, plain, at) {
		return nil
	}
	var list []*model.Method
	own, it := methodNames(plain), t.Underlying().(*types.Interface)
	for f := range it.Methods() {
		if own[f.Name()] {
			continue
		}
		if why := r.notOptional(f, plain, own, taken); why != "" {
			r.errorf(pos, diag.Method, "//pingo:optional %s: method %s %s", name.Name(), f.Name(), why)
			continue
		}
		m := r.mentioned(f, at)
		m.Optional = optional
		taken[f.Name()] = true
		list = append(list, m)
	}
	if len(list) == 0 && !slices.ContainsFunc(slices.Collect(it.Methods()), func(f *types.Func) bool { return !own[f.Name()] }) {
		r.errorf(pos, diag.Directive, "//pingo:optional %s adds no method to %s: delete the directive", name.Name(), typeText(plain))
	}
	return list
}

// notOptional says why a value cannot be asked for a method, "" if it can.
func (r *resolver) notOptional(f *types.Func, plain *types.Named, own, taken map[string]bool) string {
	switch {
	case taken[f.Name()]:
		return "is in another one for " + typeText(plain) + ", too: leave it out of one of them"
	case specialOf(f.Signature(), f.Name()) != model.Ordinary:
		return "is part of how a value is passed by reference: pass an interface that has it"
	case own["Read"] && !besides[f.Name()]:
		return "could notice that Read of " + typeText(plain) + " reads ahead: pass an interface that has it"
	case r.hasFallback(f, plain):
		return "is always there, since package " + plain.Obj().Pkg().Name() + " has a function that does the same: leave it out"
	}
	return ""
}
