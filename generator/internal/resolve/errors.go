package resolve

import (
	"go/token"
	"go/types"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// errors finds the package's own errors that keep their identity: exported
// variables called Err and something, and exported types. Those whose fields
// cannot travel are left out, for any error can travel as its text.
func (r *resolver) errors(m *model.Package) {
	scope := r.pkg.Types.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() || !r.always(obj.Pos(), m.Constraint) {
			continue
		}
		switch obj := obj.(type) {
		case *types.Var:
			if strings.HasPrefix(name, "Err") && implementsError(obj.Type()) {
				m.ErrorVars = append(m.ErrorVars, name)
			}
		case *types.TypeName:
			if t := r.errorType(obj); t != nil {
				m.ErrorTypes = append(m.ErrorTypes, t)
			}
		}
	}
}

// always tells whether the file at pos is built whenever the output is.
func (r *resolver) always(pos token.Pos, output string) bool {
	for _, f := range r.pkg.Files {
		if f.FileStart <= pos && pos < f.FileEnd {
			is := constraintOf(f, r.set.Fset.Position(f.Package).Filename)
			return is == "" || is == output
		}
	}
	return false
}

// errorType models a type whose values, or pointers to them, are errors. It is
// nil for others, and for what cannot travel.
func (r *resolver) errorType(name *types.TypeName) *model.ErrorType {
	t, ok := name.Type().(*types.Named)
	if !ok || t.TypeParams().Len() > 0 || types.IsInterface(t) || !implementsError(types.NewPointer(t)) {
		return nil
	}
	quiet := *r
	quiet.diags = &diag.List{}
	quiet.memo = map[memoKey]*model.Type{}
	m := &model.ErrorType{
		Type:    quiet.typ(t, place{pkg: r.pkg, pos: name.Pos(), path: name.Name()}),
		Pointer: !implementsError(t),
	}
	if quiet.diags.Errors() > 0 || handleIn(m.Type, map[*model.Type]bool{}) != nil {
		return nil
	}
	quiet.mark()
	return m
}

func implementsError(t types.Type) bool {
	return types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface))
}
