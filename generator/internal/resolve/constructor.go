package resolve

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
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
	m := &model.Main{Constructor: f.Name(), Pos: r.set.Fset.Position(fn.Name.Pos()), Doc: fn.Doc.Text(), Constraint: r.constraintAt(r.pkg, f.Pos())}
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
	m.Type = r.set.Fset.Position(r.resultAt(result, fn))
	m.Error = sig.Results().Len() == 2
	if !r.parameters(m, fn, sig) {
		return nil
	}
	if search {
		m.Serves, m.Lacks = r.serves(result, own)
	}
	return m
}

// resultAt is where the type of a constructor's result can be changed.
func (r *resolver) resultAt(result types.Type, fn *ast.FuncDecl) token.Pos {
	if p, ok := types.Unalias(result).(*types.Pointer); ok {
		result = p.Elem()
	}
	if name := nameOf(result); name != nil && r.hasSource(name) {
		return name.Pos()
	}
	return fn.Type.Results.List[0].Type.Pos()
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

// serves tells which contracts a type implements, of those of its own package and
// of the packages that this one imports, and what it lacks of those that it nearly does.
func (r *resolver) serves(result types.Type, own []*contract) (serves []model.Serves, lacks []model.Lack) {
	for _, name := range r.inReach(own) {
		it, ok := name.Type().Underlying().(*types.Interface)
		switch {
		case !ok || it.NumMethods() == 0:
		case types.Implements(result, it):
			serves = append(serves, model.Serves{
				Package: name.Pkg().Path(), PackageName: name.Pkg().Name(), Contract: name.Name(),
				Constraint: r.constraintAt(r.set.Source(name.Pkg().Path()), name.Pos()),
			})
		default:
			lacks = append(lacks, r.lack(result, name, it))
		}
	}
	slices.SortStableFunc(lacks, func(a, b model.Lack) int { return cmp.Compare(b.Has, a.Has) })
	return serves, lacks
}

// inReach lists the contracts that a constructor of the package may be for.
func (r *resolver) inReach(own []*contract) []*types.TypeName {
	var list []*types.TypeName
	for _, c := range own {
		list = append(list, c.name)
	}
	for _, p := range r.pkg.Imports() {
		if src := r.set.Source(p.Path()); src != nil {
			list = append(list, contractsOf(src)...)
		} else {
			list = append(list, generatedContracts(p)...)
		}
	}
	return list
}

// lack says why a type does not implement a contract, by the first method that it
// does not have as the contract has it.
func (r *resolver) lack(result types.Type, name *types.TypeName, it *types.Interface) model.Lack {
	short := func(p *types.Package) string {
		if p == r.pkg.Types {
			return ""
		}
		return p.Name()
	}
	m := model.Lack{Contract: name.Name()}
	for i := range it.NumMethods() {
		if f := it.Method(i); methodOf(result, f) != nil {
			m.Has++
		}
	}
	missing, _ := types.MissingMethod(result, it, true)
	of, contract := types.TypeString(result, short), types.TypeString(name.Type(), short)
	has := methodOf(result, missing)
	switch {
	case has == nil:
		m.Text = fmt.Sprintf("%s lacks the method %s%s of %s", of, missing.Name(), strings.TrimPrefix(types.TypeString(missing.Type(), short), "func"), contract)
	case types.Identical(has.Type(), missing.Type()):
		m.Text = fmt.Sprintf("only *%s has the method %s of %s: return a pointer", of, has.Name(), contract)
	default:
		m.Text = fmt.Sprintf("the method %s of %s is %s, and that of %s is %s", has.Name(), of,
			types.TypeString(has.Type(), short), contract, types.TypeString(missing.Type(), short))
	}
	return m
}

// methodOf finds the method of a type, or of pointers to it, that has the name of f.
func methodOf(t types.Type, f *types.Func) *types.Func {
	if _, ok := t.Underlying().(*types.Interface); !ok {
		if _, ok := t.(*types.Pointer); !ok {
			t = types.NewPointer(t)
		}
	}
	obj, _, _ := types.LookupFieldOrMethod(t, false, f.Pkg(), f.Name())
	found, _ := obj.(*types.Func)
	return found
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
