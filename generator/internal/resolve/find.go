package resolve

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/load"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// contract is a type declaration to generate for.
type contract struct {
	name    *types.TypeName
	spec    *ast.TypeSpec
	file    *ast.File
	doc     *ast.CommentGroup
	pos     token.Pos // of the name
	failure model.Failure
	own     bool
	choices *choices // what its other directives say
	broken  bool     // something of it is not known, which is reported
}

// find looks at every declaration for directives, and for the named types.
func (r *resolver) find(named []string) (found []*contract, constructors []*ast.FuncDecl) {
	for _, f := range r.pkg.Files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				found = append(found, r.findTypes(f, d, named)...)
			case *ast.FuncDecl:
				on := r.on(d.Doc, "a function", "plugin", "codec")
				if on.one("plugin") != nil {
					constructors = append(constructors, d)
				}
				if codec := on.one("codec"); codec != nil {
					r.carrier(d, codec)
				}
			}
		}
		r.leftOver(f)
	}
	return found, constructors
}

// findTypes looks at a declaration of types, variables or constants.
func (r *resolver) findTypes(f *ast.File, d *ast.GenDecl, named []string) []*contract {
	if d.Tok != token.TYPE {
		if on := r.on(d.Doc, "a "+d.Tok.String(), "plugin").one("plugin"); on != nil {
			r.errorf(on.pos, diag.Misplaced, "//pingo:plugin stands on a %s: it belongs on an interface type, or on the function that constructs an implementation", d.Tok)
		}
		return nil
	}
	if d.Lparen.IsValid() {
		if on := r.on(d.Doc, "a group of types", "plugin").one("plugin"); on != nil {
			r.errorf(on.pos, diag.Misplaced, "//pingo:plugin stands on a group of types: put it directly above the type inside that it is for")
		}
	}
	var found []*contract
	for _, s := range d.Specs {
		spec := s.(*ast.TypeSpec)
		doc := spec.Doc
		if doc == nil && !d.Lparen.IsValid() {
			doc = d.Doc
		}
		if c := r.findType(f, spec, doc, slices.Contains(named, spec.Name.Name)); c != nil {
			found = append(found, c)
		}
	}
	return found
}

// findType looks at one type. It is a contract by its directive or by name.
func (r *resolver) findType(f *ast.File, spec *ast.TypeSpec, doc *ast.CommentGroup, named bool) *contract {
	all := r.on(doc, spec.Name.Name, "plugin", "value", "optional", "inout")
	on := all.one("plugin")
	r.methodDirectives(spec)
	if d := all.one("optional"); d != nil {
		r.optionalHere(spec, *d)
	}
	chosen := r.chosen(spec, all, on != nil || named)
	if on == nil && !named {
		return nil
	}
	c := &contract{spec: spec, file: f, doc: doc, pos: spec.Name.Pos(), choices: chosen}
	if on != nil {
		c.failure, c.own = r.options(on)
	}
	name, ok := r.pkg.Info.Defs[spec.Name].(*types.TypeName)
	if !ok || !r.fit(c, name) {
		return nil
	}
	c.name = name
	return c
}

// fit refuses a type that no client can be generated for.
func (r *resolver) fit(c *contract, name *types.TypeName) bool {
	n := name.Name()
	if c.spec.TypeParams != nil {
		r.errorf(c.spec.TypeParams.Pos(), diag.Interface, "%s has type parameters, so its values are not known: declare an instance, "+
			"such as type Int%s = %s[int], and put the directive there", n, n, n)
		return false
	}
	t := name.Type().Underlying()
	it, ok := t.(*types.Interface)
	switch {
	case t == types.Typ[types.Invalid]:
		r.broken(place{pkg: r.pkg, expr: c.spec.Type, pos: c.spec.Type.Pos(), path: n})
	case !ok:
		r.errorf(c.spec.Type.Pos(), diag.Misplaced, "%s is not an interface but %s: put //pingo:plugin on an interface type", n, describe(t))
	case !it.IsMethodSet():
		r.errorf(c.spec.Type.Pos(), diag.Interface, "%s is a constraint, which no value has as its type: leave the type elements out", n)
	default:
		c.broken = r.embedsBroken(c)
		return true // for what else is wrong
	}
	return false
}

// embedsBroken reports embedded interfaces that do not compile: their methods
// would be missing without a word.
func (r *resolver) embedsBroken(c *contract) bool {
	s := source{r.pkg, c.spec}
	if n, ok := types.Unalias(r.pkg.Info.TypeOf(c.spec.Name)).(*types.Named); ok {
		if declared, ok := r.sourceOf(n.Obj()); ok { // what an alias stands for
			s = declared
		}
	}
	it, ok := ast.Unparen(s.spec.Type).(*ast.InterfaceType)
	if !ok {
		return false
	}
	broken := false
	for _, field := range it.Methods.List {
		if t := s.pkg.Info.TypeOf(field.Type); len(field.Names) == 0 && (t == nil || t.Underlying() == types.Typ[types.Invalid]) {
			r.broken(place{pkg: s.pkg, expr: field.Type, pos: field.Type.Pos(), path: c.spec.Name.Name})
			broken = true
		}
	}
	return broken
}

// methodDirectives reads what stands on the methods of an interface type.
func (r *resolver) methodDirectives(spec *ast.TypeSpec) {
	it, ok := spec.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	for _, field := range it.Methods.List {
		for _, d := range r.directivesOf(field.Doc) {
			switch {
			case d.verb == "inout":
				r.fill(field, d)
			case slices.Contains(methodVerbs, d.verb):
				r.call(field, d)
			case slices.Contains(typeVerbs, d.verb):
				r.errorf(d.pos, diag.Misplaced, "//pingo:%s belongs on the interface %s, not on one of its methods", d.verb, spec.Name.Name)
			case slices.Contains(funcVerbs, d.verb):
				r.errorf(d.pos, diag.Misplaced, "//pingo:%s belongs on %s, not on a method of %s", d.verb, belongs(d.verb), spec.Name.Name)
			default:
				r.unknownVerb(d)
			}
		}
	}
}

// generatedNames are what the generated code of a contract declares.
func generatedNames(contract string) []string {
	if token.IsExported(contract) {
		return []string{contract + "Client", "New" + contract + "Client", "Register" + contract}
	}
	first, size := utf8.DecodeRuneInString(contract)
	upper := string(unicode.ToUpper(first)) + contract[size:]
	return []string{contract + "Client", "new" + upper + "Client", "register" + upper}
}

// takenNames refuses declarations that the generated code would repeat.
func (r *resolver) takenNames(found []*contract) {
	for _, c := range found {
		for _, name := range generatedNames(c.name.Name()) {
			if other := r.pkg.Types.Scope().Lookup(name); other != nil && slices.Contains(r.pkg.Declared, name) {
				r.errorf(other.Pos(), diag.Name, "%s is what the generated code for %s declares: choose another name for one of them", name, c.name.Name())
			}
		}
	}
}

// constraint is the build constraint of the files that declare the contracts.
func (r *resolver) constraint(found []*contract) string {
	text := ""
	for i, c := range found {
		is := constraintOf(c.file, r.set.Fset.Position(c.file.Package).Filename)
		if i == 0 {
			text = is
		} else if is != text {
			r.errorf(c.pos, diag.Constraint, "%s is built under %s, but %s under %s: one output cannot have both, so declare them under the same constraint",
				c.name.Name(), orAlways(is), found[0].name.Name(), orAlways(text))
		}
	}
	return text
}

func orAlways(constraint string) string {
	if constraint == "" {
		return "no constraint"
	}
	return "//go:build " + constraint
}

// constraintOf is what a file's //go:build line and its name say.
func constraintOf(f *ast.File, name string) string {
	var parts []string
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && constraint.IsGoBuild(c.Text) {
				if x, err := constraint.Parse(c.Text); err == nil {
					parts = append(parts, x.String())
				}
			}
		}
	}
	parts = append(parts, nameConstraint(name)...)
	if len(parts) == 2 && strings.Contains(parts[0], "||") {
		parts[0] = "(" + parts[0] + ")"
	}
	return strings.Join(parts, " && ")
}

// constraintAt is the build constraint of the file of a package that a position is in, ""
// if the package's source is not there.
func (r *resolver) constraintAt(p *load.Package, pos token.Pos) string {
	if p == nil {
		return ""
	}
	for _, f := range p.Files {
		if f.FileStart <= pos && pos <= f.FileEnd {
			return constraintOf(f, r.set.Fset.Position(f.Package).Filename)
		}
	}
	return ""
}

// nameConstraint is what the end of a file's name says: _linux, _amd64, _linux_amd64.
func nameConstraint(name string) []string {
	words := strings.Split(strings.TrimSuffix(filepath.Base(name), ".go"), "_")
	if len(words) < 2 {
		return nil
	}
	last := words[len(words)-1]
	if len(words) > 2 && knownOS[words[len(words)-2]] && knownArch[last] {
		return []string{words[len(words)-2] + " && " + last}
	}
	if knownOS[last] || knownArch[last] {
		return []string{last}
	}
	return nil
}

var (
	knownOS   = set("aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows")
	knownArch = set("386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm")
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// contractsOf lists the interfaces of a package that carry the directive.
func contractsOf(p *load.Package) []*types.TypeName {
	var list []*types.TypeName
	for _, f := range p.Files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.TypeSpec)
				if name, ok := p.Info.Defs[spec.Name].(*types.TypeName); ok && (hasPlugin(spec.Doc) || !g.Lparen.IsValid() && hasPlugin(g.Doc)) {
					list = append(list, name)
				}
			}
		}
	}
	return list
}

func hasPlugin(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	return slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, prefix) && parseDirective(c).verb == "plugin"
	})
}
