package resolve

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

const constructorShape = "a constructor is func New([context.Context] [, Config or *Config]) (T [, error])"

// constructor models a function that carries //pingo:plugin, nil if it is refused.
func (r *resolver) constructor(fn *ast.FuncDecl, own []*contract, search bool) *model.Main {
	f, ok := r.pkg.Info.Defs[fn.Name].(*types.Func)
	if !ok {
		return nil
	}
	m := &model.Main{Constructor: f.Name(), Doc: fn.Doc.Text()}
	sig := f.Signature()
	switch results := sig.Results(); {
	case sig.Recv() != nil:
		r.errorf(fn.Name.Pos(), diag.Constructor, "%s is a method: %s", f.Name(), constructorShape)
		return nil
	case !f.Exported():
		r.errorf(fn.Name.Pos(), diag.Constructor, "%s is not exported, so the plugin's main package cannot call it: start it with a capital letter", f.Name())
		return nil
	case fn.Type.TypeParams != nil || sig.Variadic():
		r.errorf(fn.Name.Pos(), diag.Constructor, "%s has type parameters or any number of parameters: %s", f.Name(), constructorShape)
		return nil
	case results.Len() == 0, results.Len() > 2, isError(results.At(0).Type()), results.Len() == 2 && !isError(results.At(1).Type()):
		r.errorf(fn.Name.Pos(), diag.Constructor, "%s does not return an implementation and perhaps an error: %s", f.Name(), constructorShape)
		return nil
	}
	result := sig.Results().At(0).Type()
	m.Result = types.TypeString(result, types.RelativeTo(r.pkg.Types))
	m.Error = sig.Results().Len() == 2
	if !r.parameters(m, fn, sig) {
		return nil
	}
	if search {
		m.Serves = r.serves(result, own)
	}
	return m
}

// parameters models what a constructor takes.
func (r *resolver) parameters(m *model.Main, fn *ast.FuncDecl, sig *types.Signature) bool {
	syntax := exprs(fn.Type.Params)
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		switch {
		case i == 0 && isContext(t):
			m.Context = true
		case m.Config == nil && r.configuration(m, t):
		default:
			r.errorf(syntax[i].Pos(), diag.Constructor, "%s: parameter %s: nothing is known to fill it with: %s, and Config is an exported struct of this package",
				m.Constructor, typeText(t), constructorShape)
			return false
		}
	}
	return true
}

// configuration models a struct whose fields flags and environment fill.
func (r *resolver) configuration(m *model.Main, t types.Type) bool {
	c := &model.Config{}
	if p, ok := t.(*types.Pointer); ok {
		c.Pointer, t = true, p.Elem()
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() != r.pkg.Types || !n.Obj().Exported() || n.TypeArgs().Len() > 0 {
		return false
	}
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	c.Name = n.Obj().Name()
	fields := r.fieldSyntax(n.Obj())
	flags := map[string]string{} // names of fields
	for i := range st.NumFields() {
		v := st.Field(i)
		if !v.Exported() || reflect.StructTag(st.Tag(i)).Get("pingo") == "-" {
			continue
		}
		f := model.ConfigField{Name: v.Name(), Flag: words(v.Name(), '-', unicode.ToLower), Env: words(v.Name(), '_', unicode.ToUpper), Kind: fieldKind(v.Type())}
		pos := v.Pos()
		if s := fields[v.Name()]; s != nil {
			f.Doc, pos = fieldDoc(s), s.Type.Pos()
		}
		if f.Kind == "" {
			r.errorf(pos, diag.Constructor, "field %s.%s: a %s cannot be filled from a flag: use a string, bool, int, int64, uint, uint64, float64, time.Duration "+
				"or a type with UnmarshalText, or leave it out with the tag `pingo:\"-\"`", c.Name, v.Name(), typeText(v.Type()))
		}
		if other := flags[f.Flag]; other != "" {
			r.errorf(pos, diag.Constructor, "field %s.%s: its flag would be -%s, which is that of field %s: rename one of them", c.Name, v.Name(), f.Flag, other)
		}
		flags[f.Flag] = v.Name()
		if everywhere[f.Env] {
			f.Env = ""
		}
		f.Type = r.mention(v.Type(), place{pkg: r.pkg, pos: pos})
		c.Fields = append(c.Fields, f)
	}
	m.Config = c
	return true
}

// everywhere are environment variables that processes have in any case: they are
// no settings of a plugin, and fields with such names are filled by flags alone.
var everywhere = set("PATH HOME USER LOGNAME SHELL PWD OLDPWD LANG TERM TMPDIR TMP TEMP HOSTNAME EDITOR DISPLAY TZ USERNAME")

// fieldSyntax lists a struct's fields by name.
func (r *resolver) fieldSyntax(name *types.TypeName) map[string]*ast.Field {
	all := map[string]*ast.Field{}
	s, ok := r.sourceOf(name)
	if !ok {
		return all
	}
	if st, ok := s.spec.Type.(*ast.StructType); ok {
		for _, f := range st.Fields.List {
			for _, n := range f.Names {
				all[n.Name] = f
			}
		}
	}
	return all
}

func fieldDoc(f *ast.Field) string {
	text := f.Doc.Text()
	if text == "" {
		text = f.Comment.Text()
	}
	return strings.Join(strings.Fields(text), " ")
}

// fieldKind is how a flag fills a field, "" if none does.
func fieldKind(t types.Type) string {
	if isNamed(t, "time", "Duration") {
		return "duration"
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if f := own(n, "UnmarshalText"); f != nil && isUnmarshal(f) {
			return "text"
		}
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok || !slices.Contains([]string{"string", "bool", "int", "int64", "uint", "uint64", "float64"}, b.Name()) {
		return ""
	}
	return b.Name()
}

// words splits a Go name at its capitals: HTTPPort, '-' gives http-port.
func words(name string, between rune, letter func(rune) rune) string {
	var b strings.Builder
	letters := []rune(name)
	for i, c := range letters {
		starts := unicode.IsUpper(c) && i > 0 &&
			(!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if starts && letters[i-1] != '_' {
			b.WriteRune(between)
		}
		if c == '_' {
			c = between
		}
		b.WriteRune(letter(c))
	}
	return b.String()
}

// serves lists the contracts that a type implements: those of its own package,
// and of the packages that this one imports.
func (r *resolver) serves(result types.Type, own []*contract) []model.Serves {
	var list []model.Serves
	add := func(name *types.TypeName) {
		it, ok := name.Type().Underlying().(*types.Interface)
		if ok && it.NumMethods() > 0 && types.Implements(result, it) {
			list = append(list, model.Serves{Package: name.Pkg().Path(), PackageName: name.Pkg().Name(), Contract: name.Name()})
		}
	}
	for _, c := range own {
		add(c.name)
	}
	for _, p := range r.pkg.Imports() {
		if src := r.set.Source(p.Path()); src != nil {
			for _, name := range contractsOf(src) {
				add(name)
			}
			continue
		}
		for _, name := range generatedContracts(p) {
			add(name)
		}
	}
	return list
}

// generatedContracts lists the interfaces of a package that code was generated for.
func generatedContracts(p *types.Package) []*types.TypeName {
	var list []*types.TypeName
	for _, n := range p.Scope().Names() {
		name, ok := p.Scope().Lookup(n).(*types.TypeName)
		if !ok || !types.IsInterface(name.Type()) {
			continue
		}
		generated := true
		for _, g := range generatedNames(n) {
			generated = generated && p.Scope().Lookup(g) != nil
		}
		if generated {
			list = append(list, name)
		}
	}
	return list
}
