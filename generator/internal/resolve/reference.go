package resolve

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// What is modelled here stays where it is: interfaces and functions, whose
// methods the other side calls, and channels and sequences, which are streamed.

// reference models an interface other than error.
func (r *resolver) reference(m *model.Type, t types.Type, at place) {
	it := t.Underlying().(*types.Interface)
	m.Kind = model.Interface
	switch {
	case !it.IsMethodSet():
		r.refuse(at, diag.Type, "%s is a constraint, which no value has as its type: use a type that fits it", typeText(t))
	case at.key:
		r.refuse(at, diag.Type, "an interface cannot be a key: what arrives need not be equal to what was sent; use a value that identifies it")
	case it.NumMethods() == 0:
		m.Kind = model.Any
	default:
		if n, ok := types.Unalias(t).(*types.Named); ok {
			at = r.into(n, at)
			at.snapshot = r.snapshotOf(n)
		}
		for i := range it.NumMethods() {
			m.Methods = append(m.Methods, r.mentioned(it.Method(i), at))
		}
		specials(m.Methods, it, true)
		r.called(m.Methods, it, true)
		m.Methods = append(m.Methods, r.optional(t, at)...)
		sortMethods(m.Methods)
	}
}

// snapshotOf is how a contract says that values of an interface travel as snapshots, ""
// if they cannot.
func (r *resolver) snapshotOf(t *types.Named) string {
	it := t.Underlying().(*types.Interface)
	for f := range it.Methods() {
		if r.noGetter(f) != "" {
			return ""
		}
	}
	if t.Obj().Pkg().Path() == r.pkg.Path {
		return "//pingo:value " + t.Obj().Name()
	}
	return "//pingo:value " + declaredAs(t.Obj())
}

func sortMethods(list []*model.Method) {
	slices.SortFunc(list, func(a, b *model.Method) int { return cmp.Compare(a.Name, b.Name) })
}

// mentioned models a method of an interface that a contract mentions.
func (r *resolver) mentioned(f *types.Func, at place) *model.Method {
	at = r.inside(f, at)
	if !f.Exported() && f.Pkg().Path() != r.pkg.Path {
		r.refuse(at, diag.Method, "only package %s can implement it, so nothing can stand for it here: "+
			"declare an interface with the methods that you need", f.Pkg().Name())
		return &model.Method{Name: f.Name()}
	}
	if isSys(f) {
		result := r.mention(f.Signature().Results().At(0).Type(), at)
		return &model.Method{Name: "Sys", Special: model.Sys, Results: []*model.Param{{Type: result}}}
	}
	return r.method(f, at)
}

// inside goes from an interface to one of its methods.
func (r *resolver) inside(f *types.Func, at place) place {
	at.path = fmt.Sprintf("%s: method %s%s", at.path, at.owner(), f.Name())
	at.expr = nil
	return at
}

// function models a function: a sequence, or a callback.
func (r *resolver) function(m *model.Type, sig *types.Signature, at place) {
	syntax, _ := ast.Unparen(at.expr).(*ast.FuncType)
	if yield := yieldOf(sig); yield != nil {
		r.sequence(m, yield, syntax, at)
		return
	}
	m.Kind = model.Func
	call := &model.Method{Name: "Call"}
	m.Methods = []*model.Method{call}
	r.signature(call, sig, syntax, at, "the function", !at.foreign)
}

// yieldOf returns the signature of yield if a function is an iter.Seq or iter.Seq2.
func yieldOf(sig *types.Signature) *types.Signature {
	if sig.Params().Len() != 1 || sig.Results().Len() != 0 {
		return nil
	}
	yield, ok := types.Unalias(sig.Params().At(0).Type()).(*types.Signature)
	if !ok || yield.Variadic() || yield.Params().Len() < 1 || yield.Params().Len() > 2 || yield.Results().Len() != 1 ||
		!types.Identical(yield.Results().At(0).Type(), types.Typ[types.Bool]) {
		return nil
	}
	return yield
}

// sequence models an iter.Seq or iter.Seq2 by what it yields.
func (r *resolver) sequence(m *model.Type, yield *types.Signature, syntax *ast.FuncType, at place) {
	var items []ast.Expr
	if params := exprs(fieldsOf(syntax)); len(params) == 1 {
		inner, _ := ast.Unparen(params[0]).(*ast.FuncType)
		items = exprs(fieldsOf(inner))
	}
	elem := func(i int) *model.Type {
		here := at
		here.key, here.name = false, ""
		if i < len(items) {
			here = here.down(items[i])
		}
		item := r.value(yield.Params().At(i).Type(), here)
		r.bytesOnly(item, here)
		return item
	}
	if m.Kind = model.Seq; yield.Params().Len() == 1 {
		m.Elem = elem(0)
	} else {
		m.Kind, m.Key, m.Elem = model.Seq2, elem(0), elem(1)
	}
	if m.Kind == model.Seq2 && m.Elem.Kind == model.Error || r.failure != model.FailureNone {
		return
	}
	r.refuse(at, diag.Method, "a sequence can fail on the way, and it has no error to say so: use iter.Seq2[T, error], or say what a sequence that fails does "+
		"with //pingo:plugin failure=panic or failure=zero")
}

func fieldsOf(f *ast.FuncType) *ast.FieldList {
	if f == nil {
		return nil
	}
	return f.Params
}

// channel models a channel, which has to have one direction.
func (r *resolver) channel(m *model.Type, t *types.Chan, at place) {
	elem := at.elem()
	if x, ok := ast.Unparen(at.expr).(*ast.ChanType); ok {
		elem = elem.down(x.Value)
	}
	m.Kind = map[types.ChanDir]model.Kind{types.RecvOnly: model.Receiver, types.SendOnly: model.Sender, types.SendRecv: model.Chan}[t.Dir()]
	switch {
	case at.key:
		r.refuse(at, diag.Type, "a channel cannot be a key: what arrives is never equal to what was sent; use a value that identifies it")
	case m.Kind == model.Chan:
		r.refuse(at, diag.Type, "it is not known which side sends to a channel of both directions: use <-chan or chan<-")
	}
	m.Elem = r.value(t.Elem(), elem)
	r.bytesOnly(m.Elem, elem)
}

// needsFailure tells whether it matters to a type what a failed call does.
func needsFailure(t *model.Type, seen map[*model.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.Kind == model.Seq || t.Kind == model.Seq2 && t.Elem.Kind != model.Error || needsFailure(t.Key, seen) || needsFailure(t.Elem, seen) {
		return true
	}
	for _, f := range t.Fields {
		if needsFailure(f.Type, seen) {
			return true
		}
	}
	for _, m := range t.Methods {
		if m.Special == model.Sys {
			continue
		}
		if !m.Error && t.Kind != model.Snapshot || slices.ContainsFunc(slices.Concat(m.Params, m.Results), func(p *model.Param) bool { return needsFailure(p.Type, seen) }) {
			return true
		}
	}
	return false
}
