package resolve

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// contract models an interface.
func (r *resolver) contract(c *contract) *model.Contract {
	m := &model.Contract{Name: c.name.Name(), Doc: c.doc.Text(), Failure: c.failure, Own: c.own}
	r.failure, r.choices = c.failure, c.choices
	before := r.diags.Errors()
	r.policies = append(r.policies, r.policy())
	it := c.name.Type().Underlying().(*types.Interface)
	for i := range it.NumMethods() {
		f := it.Method(i)
		at := place{pkg: r.pkg, expr: c.spec.Type, pos: r.embedding(c, f), path: c.name.Name() + "." + f.Name()}
		if r.exported(f, at) {
			m.Methods = append(m.Methods, r.method(f, at))
		}
	}
	specials(m.Methods, it, false)
	r.called(m.Methods, it, false)
	m.Methods = append(m.Methods, r.optional(c.name.Type(), place{pkg: r.pkg, pos: c.pos, path: c.name.Name()})...)
	sortMethods(m.Methods)
	m.Variant = r.variant(&model.Type{Methods: m.Methods}, r.choices)
	r.effective(m, !c.broken && r.diags.Errors() == before)
	return m
}

// exported refuses a method that the generated client could have, but nobody could call.
func (r *resolver) exported(f *types.Func, at place) bool {
	if f.Exported() {
		return true
	}
	if s, ok := r.syntaxOf(f); ok {
		at.pos = s.field.Pos()
	}
	remedy := "start it with a capital letter, or leave it out"
	if !r.changeable(f) {
		remedy = fmt.Sprintf("only package %s can implement it, so declare an interface of your own with the methods that you need", f.Pkg().Name())
	}
	r.refuse(at, diag.Method, "a method that is not exported cannot be called from another package: %s", remedy)
	return false
}

// method models a method. Its place is that of the interface, where there is no
// syntax of its own.
func (r *resolver) method(f *types.Func, at place) *model.Method {
	m, syntax, at := r.declaration(f, at)
	r.names[m] = methodDeclaredAs(f)
	r.signature(m, f.Signature(), syntax, at, "the method", r.changeable(f))
	r.fills(m, f, at)
	return m
}

// declaration finds out what the source says of a method beside its types.
func (r *resolver) declaration(f *types.Func, at place) (*model.Method, *ast.FuncType, place) {
	m := &model.Method{Name: f.Name()}
	s, ok := r.syntaxOf(f)
	if !ok {
		return m, nil, at
	}
	m.Doc = s.field.Doc.Text()
	syntax, _ := s.field.Type.(*ast.FuncType)
	at.pkg, at.pos = s.pkg, s.field.Pos()
	return m, syntax, at
}

// signature models the parameters and results of a method or function.
func (r *resolver) signature(m *model.Method, sig *types.Signature, syntax *ast.FuncType, at place, what string, changeable bool) {
	m.Variadic = sig.Variadic()
	results := at.pos
	params := exprs(fieldsOf(syntax))
	if syntax != nil && syntax.Results != nil {
		results = syntax.Results.Pos()
	}
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		if i == 0 && isContext(v.Type()) {
			m.Context, m.CtxName = true, named(v)
			continue
		}
		m.Params = append(m.Params, r.param(at, v, params, i, "parameter"))
	}
	r.results(m, sig, syntax, at)
	if !m.Error && r.failure == model.FailureNone {
		remedy := ""
		if changeable {
			remedy = "make error its last result, "
		}
		if at.snapshot != "" {
			remedy += "let such values travel as snapshots with " + at.snapshot + " on the contract, "
		}
		if remedy != "" {
			remedy += "or "
		}
		at.pos = results
		r.refuse(at, diag.Method, "a call can fail, and %s has no error to say so: %ssay what a failed call does "+
			"with //pingo:plugin failure=panic or failure=zero", what, remedy)
	}
}

// results models the results, of which an error is the last.
func (r *resolver) results(m *model.Method, sig *types.Signature, syntax *ast.FuncType, at place) {
	var outs []ast.Expr
	if syntax != nil {
		outs = exprs(syntax.Results)
	}
	n := sig.Results().Len()
	if n > 0 && isError(sig.Results().At(n-1).Type()) {
		n--
		m.Error, m.ErrName = true, named(sig.Results().At(n))
	}
	for i := range n {
		m.Results = append(m.Results, r.param(at, sig.Results().At(i), outs, i, "result"))
	}
}

// changeable tells whether a method is declared in the module at hand, so that
// a remedy may be to change it.
func (r *resolver) changeable(f *types.Func) bool {
	if f.Pkg() == nil {
		return false // error.Error
	}
	path, module := f.Pkg().Path(), r.pkg.Module
	return path == r.pkg.Path || module != "" && (path == module || strings.HasPrefix(path, module+"/"))
}

// param models parameter or result i of the method at.
func (r *resolver) param(at place, v *types.Var, syntax []ast.Expr, i int, what string) *model.Param {
	p := &model.Param{Name: named(v)}
	here := at
	here.snapshot = ""
	if i < len(syntax) {
		here.expr, here.pos = syntax[i], syntax[i].Pos()
	}
	if p.Name != "" {
		here.path = fmt.Sprintf("%s: %s %s", at.path, what, p.Name)
	} else {
		here.path = fmt.Sprintf("%s: %s %d", at.path, what, i+1)
	}
	p.Type = r.value(v.Type(), here)
	return p
}

func named(v *types.Var) string {
	if v.Name() == "_" {
		return ""
	}
	return v.Name()
}

// syntaxOf finds a method where there is syntax, also that of a generic interface's instance.
func (r *resolver) syntaxOf(f *types.Func) (method, bool) {
	f = f.Origin()
	if f.Pkg() != nil {
		if p := r.set.Source(f.Pkg().Path()); p != nil {
			r.index(p)
		}
	}
	m, ok := r.methods[f]
	return m, ok
}

// embedding is where the contract's own declaration brings a method in whose
// syntax is elsewhere.
func (r *resolver) embedding(c *contract, f *types.Func) token.Pos {
	it, ok := ast.Unparen(c.spec.Type).(*ast.InterfaceType)
	if !ok {
		return c.spec.Type.Pos()
	}
	for _, field := range it.Methods.List {
		if t := r.pkg.Info.TypeOf(field.Type); len(field.Names) == 0 && t != nil {
			if e, ok := t.Underlying().(*types.Interface); ok && hasMethod(e, f.Name()) {
				return field.Type.Pos()
			}
		}
	}
	return c.pos
}

func hasMethod(it *types.Interface, name string) bool {
	for i := range it.NumMethods() {
		if it.Method(i).Name() == name {
			return true
		}
	}
	return false
}

// exprs lists the type of each parameter.
func exprs(list *ast.FieldList) []ast.Expr {
	var all []ast.Expr
	if list == nil {
		return nil
	}
	for _, field := range list.List {
		for range max(1, len(field.Names)) {
			all = append(all, field.Type)
		}
	}
	return all
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path && n.Obj().Name() == name
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}
