// Package resolve turns the annotated declarations of a package into a model,
// and refuses what cannot travel, where it stands and with what to do instead.
package resolve

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/load"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// Options say what to resolve beside what carries a directive.
type Options struct {
	Types []string // interfaces without a directive
	Mains bool     // find out which contracts the constructors' results implement
}

// Package resolves one package. If it adds an error to diags, the model is not
// fit for use.
func Package(set *load.Set, p *load.Package, opts Options, diags *diag.List) *model.Package {
	r := newResolver(set, p, diags)
	m := &model.Package{Path: p.Path, Name: p.Name, Dir: p.Dir, Scope: p.Declared, Imports: r.importNames()}
	found, constructors := r.find(opts.Types)
	m.Constraint = r.constraint(found)
	r.pair(m.Constraint)
	for _, c := range found {
		m.Contracts = append(m.Contracts, r.contract(c))
	}
	slices.SortFunc(m.Contracts, func(a, b *model.Contract) int { return compareNames(a.Name, b.Name) })
	for _, c := range constructors {
		if main := r.constructor(c, found, opts.Mains); main != nil {
			m.Mains = append(m.Mains, main)
		}
	}
	r.takenNames(found)
	r.mark()
	r.problems(found)
	if len(found) > 0 {
		r.errors(m)
	}
	for _, check := range r.later {
		check()
	}
	r.withoutEffect()
	return m
}

func compareNames(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// resolver is the work on one package.
type resolver struct {
	set     *load.Set
	pkg     *load.Package
	diags   *diag.List
	seen    map[token.Pos]bool         // directives that stand where they apply
	failure model.Failure              // of the contract at hand
	memo    map[memoKey]*model.Type    // types that travel
	written map[memoKey]*model.Type    // types that are only written, as type arguments
	failed  []memoKey                  // types in memo that were refused, inside a foreign one
	specs   map[*types.TypeName]source // declarations that are there as syntax
	methods map[types.Object]method    // of interfaces that are there as syntax
	indexed map[*load.Package]bool     // packages whose declarations are in specs and methods
	endless map[*types.TypeName]bool   // generic types that contain themselves without end
	quiet   bool                       // what is reported is not kept

	choices  *choices       // of the contract at hand
	policies []policy       // of the contracts so far
	names    map[any]string // interfaces and methods in the model, by how directives name them

	carriers  []*carrier                        // functions with //pingo:codec
	pairs     []*pair                           // of them
	values    map[*types.TypeName]*ownDirective // interfaces with a //pingo:value of their own
	optionals map[*types.TypeName]*ownDirective // interfaces with a //pingo:optional
	filled    map[types.Object]*ownDirective    // methods with a //pingo:inout of their own
	calls     map[types.Object][]*ownDirective  // methods with directives that say how they are called
	later     []func()                          // checks for when all types are known
}

// memoKey identifies a type as it is written and used.
type memoKey struct {
	text string
	policy
}

// source is a type declaration and its package.
type source struct {
	pkg  *load.Package
	spec *ast.TypeSpec
}

// method is a method in an interface type's syntax.
type method struct {
	pkg   *load.Package
	field *ast.Field
}

func newResolver(set *load.Set, p *load.Package, diags *diag.List) *resolver {
	r := &resolver{
		set: set, pkg: p, diags: diags,
		seen: map[token.Pos]bool{}, memo: map[memoKey]*model.Type{}, written: map[memoKey]*model.Type{},
		specs: map[*types.TypeName]source{}, methods: map[types.Object]method{}, indexed: map[*load.Package]bool{},
		endless: map[*types.TypeName]bool{}, names: map[any]string{},
		values: map[*types.TypeName]*ownDirective{}, optionals: map[*types.TypeName]*ownDirective{}, filled: map[types.Object]*ownDirective{},
		calls: map[types.Object][]*ownDirective{},
	}
	r.index(p)
	return r
}

// index notes the syntax of a package's types and methods.
func (r *resolver) index(p *load.Package) {
	if r.indexed[p] || p.Info == nil {
		return
	}
	r.indexed[p] = true
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return false
			case *ast.TypeSpec:
				if name, ok := p.Info.Defs[n.Name].(*types.TypeName); ok {
					r.specs[name] = source{p, n}
				}
			case *ast.InterfaceType:
				for _, field := range n.Methods.List {
					for _, name := range field.Names {
						r.methods[p.Info.Defs[name]] = method{p, field}
					}
				}
			}
			return true
		})
	}
}

// sourceOf finds the declaration of a type where there is syntax.
func (r *resolver) sourceOf(name *types.TypeName) (source, bool) {
	if name.Pkg() != nil {
		if p := r.set.Source(name.Pkg().Path()); p != nil {
			r.index(p)
		}
	}
	s, ok := r.specs[name]
	return s, ok
}

func (r *resolver) errorf(pos token.Pos, code diag.Code, format string, args ...any) {
	r.diags.Add(diag.Diagnostic{Pos: r.set.Fset.Position(pos), Code: code, Message: fmt.Sprintf(format, args...)})
}

func (r *resolver) note(pos token.Pos, code diag.Code, format string, args ...any) {
	r.diags.Add(diag.Diagnostic{Pos: r.set.Fset.Position(pos), Code: code, Message: fmt.Sprintf(format, args...), Note: true})
}

// importNames lists the names that imports declare in any of the package's files.
func (r *resolver) importNames() []string {
	var names []string
	for _, f := range r.pkg.Files {
		for _, spec := range f.Imports {
			names = append(names, r.importName(spec)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *resolver) importName(spec *ast.ImportSpec) []string {
	switch {
	case spec.Name == nil:
		if imported, ok := r.pkg.Info.Implicits[spec].(*types.PkgName); ok {
			return []string{imported.Name()}
		}
		return nil
	case spec.Name.Name == "_":
		return nil
	case spec.Name.Name == ".":
		for _, p := range r.pkg.Imports() {
			if fmt.Sprintf("%q", p.Path()) == spec.Path.Value {
				return p.Scope().Names()
			}
		}
		return nil
	}
	return []string{spec.Name.Name}
}

// problems reports what the package does not compile for: syntax errors beside
// directives as errors, the rest as notes if there is a contract.
func (r *resolver) problems(found []*contract) {
	ours := map[string]bool{}
	for _, c := range found {
		for _, name := range generatedNames(c.name.Name()) {
			ours["undefined: "+name] = true
		}
	}
	for _, p := range r.pkg.Problems {
		at := r.set.Position(p)
		switch {
		case p.Used || ours[p.Text]:
		case p.Near:
			r.diags.Add(diag.Diagnostic{Pos: at, Code: diag.Broken, Message: p.Text})
		case len(found) > 0:
			r.diags.Add(diag.Diagnostic{Pos: at, Code: diag.Elsewhere, Message: p.Text + " (no contract reaches it)", Note: true})
		}
	}
}
