package load

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Generated code is checked against the runtime. For its export data the go command has to look
// at all that the runtime imports, which is a third of what it does for a small package. But
// generated code mentions no more than a few declarations of the runtime. Read from
// its source, without the bodies of functions, these stand in for it.
//
// Only a yes of the stand-in counts. If it lacks anything, or if anything does not compile
// against it, the runtime itself is asked for. And it is only there for packages that import
// nothing but the standard library: others may mention the runtime, whose types
// are not those of the stand-in.

// Runtime is what generated code calls.
type Runtime struct {
	Packages []string // the first is the root of the others
	// Leaf is a package below the root that imports next to nothing: where it is, the go
	// command knows at once.
	Leaf string
}

func (r Runtime) contains(path string) bool {
	return path == r.Leaf || slices.Contains(r.Packages, path)
}

// standIn is the runtime as far as generated code has mentioned it.
type standIn struct {
	set      *Set
	packages map[string]*standInPackage // by path
	grown    bool                       // more is wanted than what types have
}

type standInPackage struct {
	version string
	read    sync.WaitGroup // what follows is there once it is done
	files   []*standInFile
	named   map[string][]*declaration // a method goes by the name of its receiver's type
	wanted  map[string]bool           // names
	types   *types.Package
	err     error // of reading or of checking
}

type standInFile struct {
	*ast.File
	imports map[string]*ast.ImportSpec // by name
	used    map[*ast.ImportSpec]bool   // by what is wanted
	decls   []*declaration
}

type declaration struct {
	ast.Decl
	file   *standInFile
	wanted bool
}

// findStandIn begins to read what stands in for the runtime, if its leaf is among all that
// the go command has found.
func (s *Set) findStandIn(all []*listed) {
	root := s.cfg.Runtime.Packages[0]
	for _, l := range all {
		if d := s.graph[l.ImportPath]; d != nil {
			d.standard = l.Standard
		}
		if l.ImportPath != s.cfg.Runtime.Leaf || l.Dir == "" || l.Error != nil {
			continue
		}
		dir := strings.TrimSuffix(l.Dir, filepath.FromSlash(strings.TrimPrefix(l.ImportPath, root)))
		s.standIn = &standIn{set: s, packages: map[string]*standInPackage{}}
		for _, path := range s.cfg.Runtime.Packages {
			p := &standInPackage{version: language(l.Module), named: map[string][]*declaration{}, wanted: map[string]bool{}}
			s.standIn.packages[path] = p
			p.read.Go(func() { p.err = p.readDir(s.Fset, filepath.Join(dir, strings.TrimPrefix(path, root))) })
		}
	}
}

// readDir reads the files that belong to the package on every system.
func (p *standInPackage) readDir(set *token.FileSet, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	files := make([]*ast.File, len(entries))
	failed := make([]error, len(entries))
	var reading sync.WaitGroup
	for i, e := range entries {
		reading.Go(func() { files[i], failed[i] = readAnywhere(set, dir, e.Name()) })
	}
	reading.Wait()
	for _, f := range files {
		if f != nil {
			p.add(f)
		}
	}
	return errors.Join(failed...)
}

// readAnywhere reads a Go file, nil if it is a test or for some systems only.
func readAnywhere(set *token.FileSet, dir, name string) (*ast.File, error) {
	nowhere := build.Context{GOOS: "nowhere", GOARCH: "nowhere"}
	if ok, err := nowhere.MatchFile(dir, name); !ok || err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
		return nil, err
	}
	src, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil || bytes.Contains(src, []byte("//go:build ")) {
		return nil, err
	}
	return parser.ParseFile(set, filepath.Join(dir, name), src, parser.SkipObjectResolution)
}

// add adds a file, of which nothing is wanted yet.
func (p *standInPackage) add(f *ast.File) {
	file := &standInFile{File: f, imports: importNames(f), used: map[*ast.ImportSpec]bool{}}
	for _, decl := range f.Decls {
		d := &declaration{Decl: decl, file: file}
		file.decls = append(file.decls, d)
		for _, name := range declared(decl) {
			p.named[name] = append(p.named[name], d)
		}
	}
	p.files = append(p.files, file)
}

// importNames returns the imports of a file by their names, or what these are likely to be.
func importNames(f *ast.File) map[string]*ast.ImportSpec {
	names := map[string]*ast.ImportSpec{}
	for _, spec := range f.Imports {
		name := path.Base(imported(spec))
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = spec
	}
	return names
}

// imported is the path of an import.
func imported(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // as the parser has done
	return p
}

// declared returns the names by which a declaration goes, and empties the body of a function.
func declared(decl ast.Decl) (names []string) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		decl.Body = &ast.BlockStmt{Lbrace: decl.End(), Rbrace: decl.End()}
		if decl.Recv == nil {
			return []string{decl.Name.Name}
		}
		ast.Inspect(decl.Recv.List[0].Type, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if ok {
				names = append(names, id.Name)
			}
			return len(names) == 0
		})
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// forOutput returns what generated code may import instead of the runtime, nil if there is nothing.
func (in *standIn) forOutput(out *ast.File) types.Importer {
	if in == nil {
		return nil
	}
	for _, d := range in.set.graph {
		if !d.standard {
			return nil
		}
	}
	for _, p := range in.packages {
		p.read.Wait()
	}
	imports := importNames(out)
	ast.Inspect(out, func(n ast.Node) bool {
		in.wantSelected(imports, n)
		return true
	})
	if in.grown {
		in.grown = false
		for _, p := range in.packages {
			p.types = nil
		}
	}
	return in
}

// wantSelected adds what a node selects of a package, and returns the import.
func (in *standIn) wantSelected(imports map[string]*ast.ImportSpec, n ast.Node) *ast.ImportSpec {
	s, ok := n.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	x, ok := s.X.(*ast.Ident)
	if !ok || imports[x.Name] == nil {
		return nil
	}
	spec := imports[x.Name]
	if p := in.packages[imported(spec)]; p != nil {
		in.want(p, s.Sel.Name)
	}
	return spec
}

// want adds what p declares under a name, with all that it mentions.
func (in *standIn) want(p *standInPackage, name string) {
	if p.wanted[name] {
		return
	}
	p.wanted[name] = true
	for _, d := range p.named[name] {
		if d.wanted {
			continue
		}
		d.wanted, in.grown = true, true
		ast.Inspect(d.Decl, func(n ast.Node) bool {
			if spec := in.wantSelected(d.file.imports, n); spec != nil {
				d.file.used[spec] = true
			}
			if id, ok := n.(*ast.Ident); ok {
				in.want(p, id.Name)
			}
			_, body := n.(*ast.BlockStmt) // of a function in an expression
			return !body
		})
	}
}

// Import implements types.Importer.
func (in *standIn) Import(path string) (*types.Package, error) {
	p := in.packages[path]
	if p == nil {
		if in.set.graph[path] == nil && path != "unsafe" {
			return nil, fmt.Errorf("nobody asked for %s", path)
		}
		return importer{in.set}.Import(path)
	}
	if p.types == nil && p.err == nil {
		conf := in.set.checker(&Package{version: p.version}, func(err error) { p.err = errors.Join(p.err, err) })
		conf.Importer, conf.IgnoreFuncBodies = in, true
		p.types, _ = conf.Check(path, in.set.Fset, p.wantedFiles(), nil)
	}
	return p.types, p.err
}

// wantedFiles returns the files with nothing but what is wanted.
func (p *standInPackage) wantedFiles() []*ast.File {
	var files []*ast.File
	for _, file := range p.files {
		f := *file.File
		f.Decls = nil
		for spec := range file.used {
			f.Decls = append(f.Decls, &ast.GenDecl{TokPos: spec.Pos(), Tok: token.IMPORT, Specs: []ast.Spec{spec}})
		}
		for _, d := range file.decls {
			if d.wanted {
				f.Decls = append(f.Decls, d.Decl)
			}
		}
		if len(f.Decls) > 0 {
			files = append(files, &f)
		}
	}
	return files
}
