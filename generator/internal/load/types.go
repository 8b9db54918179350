package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// missing drops paths that are known already.
func (s *Set) missing(paths []string) []string {
	slices.Sort(paths)
	return slices.DeleteFunc(slices.Compact(paths), func(path string) bool {
		_, exported := s.exports[path]
		return exported || s.source[path] != nil
	})
}

// findExports asks the go command for the export data of all that the packages
// import, which builds what is not in the build cache.
func (s *Set) findExports() error {
	paths := slices.Clone(s.cfg.Needs)
	for _, p := range s.source {
		paths = append(paths, p.imports()...)
	}
	if paths = s.missing(paths); len(paths) == 0 {
		return nil
	}
	found, err := packages.Load(s.config(packages.NeedName|packages.NeedExportFile), paths...)
	if err != nil {
		return err
	}
	for _, path := range paths {
		s.exports[path] = ""
	}
	for _, f := range found {
		s.exports[f.PkgPath] = f.ExportFile
	}
	return nil
}

// check checks the declarations of a package. It is its own guard against
// packages that import each other.
func (s *Set) check(p *Package) {
	if p.Types != nil || p.checking {
		return
	}
	p.checking = true
	conf := s.checker(p, func(err error) {
		var te types.Error
		if errors.As(err, &te) && !te.Soft {
			p.Problems = append(p.Problems, &Problem{Pos: te.Pos, Text: te.Msg})
		}
	})
	conf.IgnoreFuncBodies = true
	p.Info = &types.Info{
		Defs:      map[*ast.Ident]types.Object{},
		Uses:      map[*ast.Ident]types.Object{},
		Types:     map[ast.Expr]types.TypeAndValue{},
		Implicits: map[ast.Node]types.Object{},
	}
	p.Types, _ = conf.Check(p.Path, s.Fset, p.Files, p.Info) // errors went to the function above
}

func (s *Set) checker(p *Package, report func(error)) *types.Config {
	return &types.Config{
		Importer:    importer{s},
		GoVersion:   p.version,
		FakeImportC: true,
		Sizes:       types.SizesFor("gc", goarch()),
		Error:       report,
	}
}

func goarch() string {
	if arch := os.Getenv("GOARCH"); arch != "" {
		return arch
	}
	return runtime.GOARCH
}

// importer finds packages in the set, then in export data, then in their source.
type importer struct{ s *Set }

// Import implements types.Importer.
func (i importer) Import(path string) (*types.Package, error) {
	s := i.s
	if p := s.source[path]; p != nil {
		s.check(p)
		if p.Types == nil {
			return nil, fmt.Errorf("import cycle through %s", path)
		}
		return p.Types, nil
	}
	if p := s.imported[path]; p != nil && p.Complete() {
		return p, nil
	}
	if file := s.exports[path]; file != "" {
		return s.readExport(path, file)
	}
	return s.readSource(path)
}

func (s *Set) readExport(path, name string) (*types.Package, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 Go 1.26 still writes archives, which Read alone does not take.
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return gcexportdata.Read(r, s.Fset, s.imported, path)
}

// readSource is for a package that does not compile, or that imports such a one:
// its declarations may be fine all the same.
func (s *Set) readSource(path string) (*types.Package, error) {
	list, err := s.list([]string{path})
	if err != nil {
		return nil, &MissingError{path, err}
	}
	if err := s.findExports(); err != nil {
		return nil, err
	}
	s.check(list[0])
	return list[0].Types, nil
}

// MissingError says that an import cannot be found.
type MissingError struct {
	Path string
	Err  error
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("cannot find package %s: %v", e.Path, e.Err)
}
func (e *MissingError) Unwrap() error { return e.Err }

// syntaxProblem is the first mistake that the parser found in a file. Those
// after it tend to follow from it.
func syntaxProblem(err error, near bool) []*Problem {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return nil
	}
	return []*Problem{{At: list[0].Pos, Text: list[0].Msg, Syntax: true, Near: near}}
}

// Position is where a problem is.
func (s *Set) Position(p *Problem) token.Position {
	if p.Syntax {
		return p.At
	}
	return s.Fset.Position(p.Pos)
}

// CheckOutput type-checks generated source as a file of p and returns its
// errors. The bodies of p's own functions are left out: their mistakes are not ours.
func (s *Set) CheckOutput(p *Package, name string, src []byte) error {
	out, err := parser.ParseFile(s.Fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, spec := range out.Imports {
		if path, _ := strconv.Unquote(spec.Path.Value); path != "" {
			if _, err := (importer{s}).Import(path); err != nil {
				return err
			}
		}
	}
	var bad []error
	conf := s.checker(p, func(err error) {
		var te types.Error
		if errors.As(err, &te) && s.Fset.Position(te.Pos).Filename == name && !blames(te.Msg, p) {
			bad = append(bad, err)
		}
	})
	files := []*ast.File{out}
	for _, f := range p.Files {
		files = append(files, withoutBodies(f))
	}
	_, _ = conf.Check(p.Path, s.Fset, files, nil)
	return errors.Join(bad...)
}

// blames tells whether an error in generated code comes from the package's own
// mistakes, such as a name that is declared twice.
func blames(text string, p *Package) bool {
	return len(p.Problems) > 0 && strings.Contains(text, "invalid type")
}

// withoutBodies returns a copy of f whose functions have empty bodies, and which
// imports only what declarations use.
func withoutBodies(f *ast.File) *ast.File {
	g := *f
	g.Decls = slices.Clone(f.Decls)
	for i, d := range g.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			c := *fn
			c.Body = nil
			g.Decls[i] = &c
		}
	}
	return &g
}
