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
	m := &model.Contract{Name: c.name.Name(), Doc: c.doc.Text(), Failure: c.failure}
	it := c.name.Type().Underlying().(*types.Interface)
	for i := range it.NumMethods() {
		if mm := r.method(c, it.Method(i)); mm != nil {
			m.Methods = append(m.Methods, mm)
		}
	}
	return m
}

// method models a method of a contract, nil if that is refused.
func (r *resolver) method(c *contract, f *types.Func) *model.Method {
	m := &model.Method{Name: f.Name()}
	at := place{pkg: r.pkg, expr: c.spec.Type, pos: r.embedding(c, f), path: c.name.Name() + "." + f.Name()}
	results := at
	var syntax *ast.FuncType
	if s, ok := r.syntaxOf(f); ok {
		m.Doc = s.field.Doc.Text()
		syntax, _ = s.field.Type.(*ast.FuncType)
		at.pkg, at.pos = s.pkg, s.field.Pos()
		results = at
		if syntax != nil && syntax.Results != nil {
			results.pos = syntax.Results.Pos()
		}
	}
	if !f.Exported() {
		remedy := "start it with a capital letter, or leave it out"
		if !r.changeable(f) {
			remedy = fmt.Sprintf("only package %s can implement it, so declare an interface of your own with the methods that you need", f.Pkg().Name())
		}
		r.errorf(at.pos, diag.Method, "%s: a method that is not exported cannot be called from another package: %s", at.path, remedy)
		return nil
	}
	sig := f.Signature()
	m.Variadic = sig.Variadic()
	var params, outs []ast.Expr
	if syntax != nil {
		params, outs = exprs(syntax.Params), exprs(syntax.Results)
	}
	if fillsArgument(f) {
		into := at
		if len(params) > 0 {
			into.pos = params[0].Pos()
		}
		r.errorf(into.pos, diag.Method, "%s: what it reads into its argument stays in the plugin, which gets a copy: "+
			"declare a method that returns it instead, as in Next(n int) ([]byte, error)", at.path)
	}
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		if i == 0 && isContext(v.Type()) {
			m.Context, m.CtxName = true, named(v)
			continue
		}
		m.Params = append(m.Params, r.param(at, v, params, i, "parameter"))
	}
	n := sig.Results().Len()
	if n > 0 && isError(sig.Results().At(n-1).Type()) {
		m.Error = true
		n--
	} else if c.failure == model.FailureNone {
		remedy := "make error its last result, or say"
		if !r.changeable(f) {
			remedy = "say"
		}
		r.errorf(results.pos, diag.Method, "%s: a call can fail, and the method has no error to say so: %s what a failed call does "+
			"with //pingo:plugin failure=panic or failure=zero", at.path, remedy)
	}
	for i := range n {
		m.Results = append(m.Results, r.param(at, sig.Results().At(i), outs, i, "result"))
	}
	return m
}

// fillsArgument tells whether a method is that of io.Reader or io.ReaderAt.
func fillsArgument(f *types.Func) bool {
	params, results := f.Signature().Params(), f.Signature().Results()
	n := map[string]int{"Read": 1, "ReadAt": 2}[f.Name()]
	return n > 0 && params.Len() == n && isBytes(params.At(0).Type()) && results.Len() == 2 && isError(results.At(1).Type()) &&
		types.Identical(results.At(0).Type(), types.Typ[types.Int])
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
