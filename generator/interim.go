package generator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"reflect"
	"sort"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// loaded is a package with its model.
type loaded struct {
	model *model.Package
	dir   string
}

// loadPackages reads packages and models their contracts.
func loadPackages(cfg Config) ([]*loaded, []Diagnostic, error) {
	pc := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedImports | packages.NeedCompiledGoFiles,
		Dir: cfg.Dir, Env: cfg.Env, Overlay: map[string][]byte{},
		ParseFile: func(fset *token.FileSet, filename string, src []byte) (*ast.File, error) {
			if filepath.Base(filename) == cfg.output() {
				f, _ := parser.ParseFile(fset, filename, src, parser.PackageClauseOnly)
				if f != nil {
					return f, nil
				}
			}
			return parser.ParseFile(fset, filename, src, parser.ParseComments|parser.SkipObjectResolution)
		},
	}
	if cfg.Tags != "" {
		pc.BuildFlags = []string{"-tags=" + cfg.Tags}
	}
	patterns := cfg.Patterns
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	pkgs, err := packages.Load(pc, patterns...)
	if err != nil {
		return nil, nil, err
	}
	var list []*loaded
	for _, p := range pkgs {
		if len(p.GoFiles) == 0 {
			continue
		}
		b := &builder{p: p, seen: map[types.Type]*model.Type{}}
		l := &loaded{model: b.build(), dir: filepath.Dir(p.GoFiles[0])}
		l.model.Dir = l.dir
		list = append(list, l)
	}
	return list, nil, nil
}

type builder struct {
	p    *packages.Package
	seen map[types.Type]*model.Type
}

func (b *builder) build() *model.Package {
	m := &model.Package{Path: b.p.PkgPath, Name: b.p.Name}
	m.Scope = b.p.Types.Scope().Names()
	for _, f := range b.p.Syntax {
		if strings.HasSuffix(b.p.Fset.Position(f.Pos()).Filename, "pingo_gen.go") {
			for _, d := range f.Decls {
				_ = d
			}
			continue
		}
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Doc != nil && strings.Contains("\n"+docLines(fd.Doc), "\n//pingo:plugin") {
				m.Mains = append(m.Mains, b.constructor(fd))
				continue
			}
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				ts, ok := s.(*ast.TypeSpec)
				if !ok {
					continue
				}
				doc := ts.Doc
				if doc == nil {
					doc = g.Doc
				}
				if doc == nil {
					continue
				}
				for _, c := range doc.List {
					if strings.HasPrefix(c.Text, "//pingo:plugin") {
						m.Contracts = append(m.Contracts, b.contract(ts, doc.Text(), c.Text))
					}
				}
			}
		}
	}
	return m
}

func docLines(g *ast.CommentGroup) string {
	var lines string
	for _, c := range g.List {
		lines += c.Text + "\n"
	}
	return lines
}

func (b *builder) constructor(fd *ast.FuncDecl) *model.Main {
	fields := map[string]string{}
	for _, f := range b.p.Syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok && field.Doc != nil && len(field.Names) > 0 {
				fields[field.Names[0].Name] = strings.TrimSpace(field.Doc.Text())
			}
			return true
		})
	}
	sig := b.p.Types.Scope().Lookup(fd.Name.Name).Type().(*types.Signature)
	m := &model.Main{Constructor: fd.Name.Name, Doc: fd.Doc.Text(), Error: sig.Results().Len() == 2}
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		if t.String() == "context.Context" {
			m.Context = true
			continue
		}
		c := &model.Config{}
		if ptr, ok := t.(*types.Pointer); ok {
			c.Pointer, t = true, ptr.Elem()
		}
		c.Name = t.(*types.Named).Obj().Name()
		st := t.Underlying().(*types.Struct)
		for i := range st.NumFields() {
			f := st.Field(i)
			kind := f.Type().String()
			if kind == "time.Duration" {
				kind = "duration"
			}
			var words strings.Builder
			for i, r := range f.Name() {
				if i > 0 && r >= 'A' && r <= 'Z' {
					words.WriteByte('-')
				}
				words.WriteRune(r)
			}
			name := strings.ToLower(words.String())
			c.Fields = append(c.Fields, model.ConfigField{Name: f.Name(), Flag: name, Env: strings.ToUpper(strings.ReplaceAll(name, "-", "_")),
				Doc: fields[f.Name()], Kind: kind, Type: b.typ(f.Type())})
		}
		m.Config = c
	}
	result := sig.Results().At(0).Type()
	m.Result = types.TypeString(result, types.RelativeTo(b.p.Types))
	for _, imp := range b.p.Types.Imports() {
		for _, name := range imp.Scope().Names() {
			it, ok := imp.Scope().Lookup(name).Type().Underlying().(*types.Interface)
			if ok && imp.Scope().Lookup("Register"+name) != nil && types.Implements(result, it) {
				m.Serves = append(m.Serves, model.Serves{Package: imp.Path(), PackageName: imp.Name(), Contract: name})
			}
		}
	}
	return m
}

func (b *builder) contract(ts *ast.TypeSpec, doc, dir string) *model.Contract {
	c := &model.Contract{Name: ts.Name.Name, Doc: doc}
	if strings.Contains(dir, "panic") {
		c.Failure = model.FailurePanic
	}
	if strings.Contains(dir, "zero") {
		c.Failure = model.FailureZero
	}
	it := b.p.Types.Scope().Lookup(ts.Name.Name).Type().Underlying().(*types.Interface)
	for i := range it.NumMethods() {
		c.Methods = append(c.Methods, b.method(it.Method(i)))
	}
	sort.Slice(c.Methods, func(i, j int) bool { return c.Methods[i].Name < c.Methods[j].Name })
	return c
}

func (b *builder) method(f *types.Func) *model.Method {
	m := &model.Method{Name: f.Name()}
	sig := f.Signature()
	m.Variadic = sig.Variadic()
	m.Params = b.params(sig.Params())
	if len(m.Params) > 0 && sig.Params().At(0).Type().String() == "context.Context" {
		m.Context = true
		m.CtxName = m.Params[0].Name
		m.Params = m.Params[1:]
	}
	m.Results = b.params(sig.Results())
	if n := len(m.Results); n > 0 && m.Results[n-1].Type.Kind == model.Error {
		m.Error = true
		m.Results = m.Results[:n-1]
	}
	return m
}

func (b *builder) params(t *types.Tuple) []*model.Param {
	var l []*model.Param
	for i := range t.Len() {
		v := t.At(i)
		n := v.Name()
		if n == "_" {
			n = ""
		}
		l = append(l, &model.Param{Name: n, Type: b.typ(v.Type())})
	}
	return l
}

func (b *builder) typ(t types.Type) *model.Type {
	if m, ok := b.seen[t]; ok {
		return m
	}
	for k, m := range b.seen {
		if types.Identical(k, t) && reflect.TypeOf(k) == reflect.TypeOf(t) {
			if a, ok := t.(*types.Alias); ok && a.Obj() != k.(*types.Alias).Obj() {
				continue
			}
			return m
		}
	}
	m := &model.Type{}
	if t.String() == "context.Context" {
		return m
	}
	b.seen[t] = m
	named := func(o *types.TypeName, args *types.TypeList) {
		m.Name = o.Name()
		if o.Pkg() != nil {
			m.Package, m.PackageName = o.Pkg().Path(), o.Pkg().Name()
		}
		for i := range args.Len() {
			m.Args = append(m.Args, b.typ(args.At(i)))
		}
	}
	switch n := t.(type) {
	case *types.Named:
		named(n.Obj(), n.TypeArgs())
	case *types.Alias:
		named(n.Obj(), n.TypeArgs())
	case *types.Basic:
		m.Name = n.Name()
	}
	switch t.String() {
	case "time.Time":
		m.Kind = model.Time
		return m
	}
	u := types.Unalias(t)
	if types.Identical(u, types.Universe.Lookup("error").Type()) {
		m.Kind = model.Error
		return m
	}
	if nt, ok := u.(*types.Named); ok {
		ms := types.NewMethodSet(types.NewPointer(nt))
		for name, k := range map[string]model.Marshal{"UnmarshalBinary": model.MarshalBinary, "GobDecode": model.MarshalGob, "UnmarshalText": model.MarshalText} {
			if ms.Lookup(nil, name) != nil && (m.Kind != model.Marshaler || k < m.Marshal) {
				m.Kind, m.Marshal = model.Marshaler, k
			}
		}
		if m.Kind == model.Marshaler {
			return m
		}
	}
	isByte := func(t types.Type) bool { bt, ok := t.(*types.Basic); return ok && bt.Kind() == types.Uint8 }
	switch u := u.Underlying().(type) {
	case *types.Basic:
		m.Basic = u.Name()
		switch {
		case u.Info()&types.IsBoolean != 0:
			m.Kind = model.Bool
		case u.Info()&types.IsInteger != 0:
			m.Kind = model.Integer
		case u.Info()&types.IsFloat != 0:
			m.Kind = model.Float
		case u.Info()&types.IsComplex != 0:
			m.Kind = model.Complex
		default:
			m.Kind = model.String
		}
	case *types.Slice:
		m.Kind, m.Elem = model.Slice, b.typ(u.Elem())
		if isByte(u.Elem()) {
			m.Kind = model.Bytes
		}
	case *types.Array:
		m.Kind, m.Elem, m.Len = model.Array, b.typ(u.Elem()), u.Len()
		if isByte(u.Elem()) {
			m.Kind = model.ByteArray
		}
	case *types.Map:
		m.Kind, m.Key, m.Elem = model.Map, b.typ(u.Key()), b.typ(u.Elem())
	case *types.Pointer:
		m.Kind, m.Elem = model.Pointer, b.typ(u.Elem())
	case *types.Struct:
		m.Kind = model.Struct
		m.Recursive = m.Name == "Node"
		m.NoCopy = strings.HasPrefix(m.Name, "Locked") || m.Name == "Guard"
		for i := range u.NumFields() {
			f := u.Field(i)
			fm := &model.Field{Name: f.Name(), Embedded: f.Embedded(), Tag: u.Tag(i), Travels: f.Name() != "_" && !strings.Contains(u.Tag(i), `pingo:"-"`)}
			if fm.Travels {
				fm.Type = b.typ(f.Type())
			}
			m.Fields = append(m.Fields, fm)
		}
	default:
		panic(t.String())
	}
	if m.Name == "Tree" || m.Name == "Tables" {
		m.Recursive = true
	}
	return m
}
