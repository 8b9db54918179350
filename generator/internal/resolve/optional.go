package resolve

import (
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// Optional interfaces: who gets an fs.FS asks by type assertion whether it is an
// fs.ReadDirFS as well. What a package says with an interface that embeds another
// one of its own, its users cannot write into their contracts, so it is found here.

// maxOptional bounds the optional interfaces whose presence a proxy's type shows:
// there is a type for each combination of them.
const maxOptional = 3

// optional models the methods that values of an interface may have beside its own.
func (r *resolver) optional(t types.Type, at place) []*model.Method {
	if len(r.failed) > 0 { // nothing will be generated, and what was refused is no more than known here
		return nil
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.TypeArgs().Len() > 0 {
		return nil
	}
	taken := methodNames(named)
	own, count := r.marked(named, taken)
	switch named.Obj().Pkg().Path() {
	case r.pkg.Path: // whose author says what is wanted
		return own
	case "io": // whose methods are streamed
		return own
	}
	var always, sometimes []*model.Method
	for _, o := range r.embedders(named) {
		added := r.added(o, named, taken, at)
		switch {
		case added == nil:
			continue
		case added[0].Optional.Fallback:
			always = append(always, added...)
		default:
			sometimes = append(sometimes, added...)
			count++
		}
		for _, m := range added {
			taken[m.Name] = true
		}
	}
	if count > maxOptional {
		sometimes = nil
	}
	return slices.Concat(own, always, sometimes)
}

// embedders lists the exported interfaces beside named that embed it.
func (r *resolver) embedders(named *types.Named) []*types.Named {
	scope := r.set.Declarations(named.Obj().Pkg().Path())
	if scope == nil {
		return nil
	}
	var list []*types.Named
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || !tn.Exported() || tn.IsAlias() {
			continue
		}
		other, ok := tn.Type().(*types.Named)
		if ok && other.TypeParams().Len() == 0 && embeds(other, named) {
			list = append(list, other)
		}
	}
	return list
}

func embeds(outer, inner *types.Named) bool {
	it, ok := outer.Underlying().(*types.Interface)
	if !ok || !it.IsMethodSet() {
		return false
	}
	return slices.ContainsFunc(slices.Collect(it.EmbeddedTypes()), func(t types.Type) bool { return types.Identical(t, inner) })
}

// added models the methods that an optional interface adds to a plain one; nil if
// there is none, if one of them cannot travel, or if another interface has one of taken.
func (r *resolver) added(o, plain *types.Named, taken map[string]bool, at place) []*model.Method {
	at.expr = nil
	var list []*model.Method
	it, own := o.Underlying().(*types.Interface), methodNames(plain)
	optional := &model.Optional{Type: &model.Type{}, Plain: &model.Type{}, Fallback: true}
	fine, found := r.attempt(func() bool {
		if !r.write(optional.Type, o, at) || !r.write(optional.Plain, plain, at) {
			return false
		}
		for i := range it.NumMethods() {
			f := it.Method(i)
			if own[f.Name()] {
				continue
			}
			if taken[f.Name()] || !f.Exported() || specialOf(f.Signature(), f.Name()) != model.Ordinary || own["Read"] && !besides[f.Name()] {
				return false
			}
			m := r.mentioned(f, at)
			m.Optional = optional
			optional.Fallback = optional.Fallback && r.hasFallback(f, plain)
			list = append(list, m)
		}
		return true
	})
	if !fine {
		for _, d := range found.First() {
			r.note(at.pos, diag.Method, "%s: values may be %s as well, which is left out: %s", at.path, typeText(o), strings.TrimPrefix(d.Message, at.path+": "))
		}
		return nil
	}
	return list
}

// hasFallback tells whether the package of an optional interface has a function
// that does for a plain value what a method does.
func (r *resolver) hasFallback(method *types.Func, plain *types.Named) bool {
	f, ok := r.set.Declarations(plain.Obj().Pkg().Path()).Lookup(method.Name()).(*types.Func)
	if !ok || f.Signature().TypeParams().Len() > 0 {
		return false
	}
	sig := method.Signature()
	params := []*types.Var{types.NewParam(0, nil, "", plain)}
	params = slices.AppendSeq(params, sig.Params().Variables())
	n := sig.Results().Len()
	return n > 0 && isError(sig.Results().At(n-1).Type()) &&
		types.Identical(f.Signature(), types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic()))
}

// attempt tells whether f models something without a finding. If not, it leaves nothing
// behind, but returns what was found.
func (r *resolver) attempt(f func() bool) (ok bool, found *diag.List) {
	diags, failed, memo := r.diags, slices.Clone(r.failed), maps.Clone(r.memo)
	found = &diag.List{}
	r.diags = found
	ok = f() && found.Errors() == 0
	r.diags = diags
	if !ok {
		r.failed = failed
		clear(r.memo)
		maps.Copy(r.memo, memo)
	}
	return ok, found
}

func methodNames(t *types.Named) map[string]bool {
	names, it := map[string]bool{}, t.Underlying().(*types.Interface)
	for i := range it.NumMethods() {
		names[it.Method(i).Name()] = true
	}
	return names
}
