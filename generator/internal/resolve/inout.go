package resolve

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// fill notes the //pingo:inout of a method.
func (r *resolver) fill(field *ast.Field, d directive) {
	for _, name := range field.Names {
		own := r.filled[r.pkg.Info.Defs[name]]
		if own == nil {
			own = &ownDirective{directive: directive{pos: d.pos, verb: d.verb}}
			r.filled[r.pkg.Info.Defs[name]] = own
		}
		if len(d.args) == 0 {
			r.errorf(d.pos, diag.Directive, "//pingo:inout names no parameter of %s: write //pingo:inout and its name, or its position", name.Name)
		}
		own.args = append(own.args, d.args...)
	}
}

// fills marks the parameters of a method that directives say the callee fills.
func (r *resolver) fills(m *model.Method, f *types.Func, at place) {
	if own := r.filled[f.Origin()]; own != nil {
		own.used = own.used || !r.quiet
		r.fillsAll(m, f, own.directive, at)
	}
	if r.choices != nil {
		r.fillsAll(m, f, r.choices.fills[r.names[m]], at)
	}
}

// fillsAll marks those that one directive names.
func (r *resolver) fillsAll(m *model.Method, f *types.Func, d directive, at place) {
	for _, name := range d.args {
		i, why := position(f.Signature(), name)
		if why == "" {
			why = r.fillsOne(m, f.Signature(), i)
		}
		if why != "" {
			r.errorf(d.pos, diag.Directive, "%s: //pingo:inout %s: %s", at.path, name, why)
		}
	}
}

// fillsOne marks parameter i, or says why the callee cannot fill it.
func (r *resolver) fillsOne(m *model.Method, sig *types.Signature, i int) (why string) {
	v := sig.Params().At(i)
	if m.Context && i == 0 {
		return "a context cannot be filled: name another parameter"
	}
	if m.Context {
		i--
	}
	p := m.Params[i]
	if p.InOut != model.NotFilled {
		return "it is named twice: delete one"
	}
	var how model.InOut
	switch u := v.Type().Underlying().(type) {
	case *types.Slice:
		if _, pointers := u.Elem().Underlying().(*types.Pointer); pointers && m.Variadic && i == len(m.Params)-1 {
			return "what the arguments point to is filled, not the slice of them: take one pointer, to a struct"
		}
		how, why = model.FillSlice, r.notBack(u.Elem())
	case *types.Map:
		how, why = model.FillMap, r.notBack(u.Elem())
	case *types.Pointer:
		if how, why = model.FillPointer, r.notBack(u.Elem()); p.Type.Elem != nil && p.Type.Elem.NoCopy {
			why = typeText(u.Elem()) + " must not be copied"
		}
	default:
		return fmt.Sprintf("the callee cannot fill %s, only slices, maps, and what pointers point to: return it as a result", describe(u))
	}
	if why != "" {
		return why + ": return a new value as a result"
	}
	p.InOut = how
	return ""
}

// position finds a parameter by its name, or by its position, counted from 1.
func position(sig *types.Signature, name string) (i int, why string) {
	var names []string
	for v := range sig.Params().Variables() {
		if named(v) != "" {
			names = append(names, v.Name())
		}
	}
	n := sig.Params().Len()
	if at, err := strconv.Atoi(name); err == nil {
		if at < 1 || at > n {
			return 0, "the method has no parameter of this position"
		}
		return at - 1, ""
	}
	for i := range n {
		if sig.Params().At(i).Name() == name && name != "_" {
			return i, ""
		}
	}
	if len(names) == 0 {
		return 0, "its parameters have no names: write a position, from 1 on"
	}
	return 0, "it has no such parameter" + didYouMean(name, names, "")
}

// notBack says why values of a type cannot be copied back over those that the
// caller has, "" if they can.
func (r *resolver) notBack(t types.Type) string {
	return r.notBackInside(t, map[types.Type]bool{})
}

func (r *resolver) notBackInside(t types.Type, seen map[types.Type]bool) string {
	const most = 1000 // of a type that contains itself without end, which is refused elsewhere
	if n, ok := types.Unalias(t).(*types.Named); ok && r.pairOf(n) != nil || seen[t] || len(seen) > most {
		return ""
	}
	seen[t] = true
	if n, ok := types.Unalias(t).(*types.Named); ok && (isHandle(n) || isSocket(n)) {
		return typeText(t) + " would come back as another one, and the caller's own would stay open"
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return "a function that came back would be called through both sides"
	case *types.Chan:
		return "a channel is streamed once, and would not come back as it was"
	case *types.Slice:
		return r.notBackInside(u.Elem(), seen)
	case *types.Array:
		return r.notBackInside(u.Elem(), seen)
	case *types.Map:
		return r.notBackInside(u.Elem(), seen)
	case *types.Pointer:
		return r.notBackInside(u.Elem(), seen)
	case *types.Struct:
		for i := range u.NumFields() {
			if f := u.Field(i); f.Name() != "_" && staysBehind(u, i) {
				return fmt.Sprintf("field %s of %s stays behind, so that the caller would lose its own", f.Name(), typeText(t))
			}
			if why := r.notBackInside(u.Field(i).Type(), seen); why != "" {
				return why
			}
		}
	}
	return ""
}
