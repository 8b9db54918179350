package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"runtime"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// check checks the declarations of a package. It is its own guard against
// packages that import each other.
func (s *Set) check(p *Package) {
	if p.Types != nil || p.checking {
		return
	}
	p.checking = true
	conf := s.checker(p, func(err error) {
		var te types.Error
		if errors.As(err, &te) && !te.Soft && !strings.HasPrefix(te.Msg, "\t") { // that would be the rest of the one before
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
	p.Declared = p.Types.Scope().Names()
	s.imported[p.Path] = p.Types
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
	if err := i.s.know(path); err != nil {
		return nil, err
	}
	if p := i.s.source[path]; p != nil {
		i.s.check(p)
		if p.Types == nil {
			return nil, fmt.Errorf("import cycle through %s", path)
		}
		return p.Types, nil
	}
	if p := i.s.imported[path]; p != nil && p.Complete() {
		return p, nil
	}
	return i.s.readExport(path)
}

// readExport reads a package's export data. The packages below it that have
// source are checked first, so that the types that it mentions are theirs: a
// package that is known twice has types that differ from themselves.
func (s *Set) readExport(path string) (*types.Package, error) {
	s.checkBelow(path)
	f, err := os.Open(s.graph[path].export)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 Go 1.26 still writes archives, which Read alone does not take.
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return gcexportdata.Read(r, s.Fset, s.imported, path)
}

// checkBelow checks the packages with source that path depends on.
func (s *Set) checkBelow(path string) {
	if p := s.source[path]; p != nil {
		s.check(p)
		return
	}
	d := s.graph[path]
	if d == nil || d.checked {
		return
	}
	d.checked = true
	for _, below := range d.imports {
		s.checkBelow(below)
	}
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
