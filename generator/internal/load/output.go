package load

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/types"
	"slices"
	"strings"
)

// ParseOutput parses generated source, whose imports it sorts as gofmt does.
func (s *Set) ParseOutput(name string, src []byte) (*ast.File, error) {
	out, err := parser.ParseFile(s.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err == nil {
		ast.SortImports(s.Fset, out)
	}
	return out, err
}

// CheckOutput type-checks generated source as a file of p and returns its
// errors. The bodies of p's own functions are left out: their mistakes are not ours.
// Generated are names of what is generated beside it, which need not be there yet.
func (s *Set) CheckOutput(p *Package, out *ast.File, generated ...string) error {
	if runtime := s.standIn.forOutput(out); runtime != nil && s.checkOutput(p, out, runtime, generated) == nil {
		return nil
	}
	if err := s.importAll((&Package{Files: []*ast.File{out}}).imports()); err != nil {
		return err
	}
	return s.checkOutput(p, out, importer{s}, generated)
}

func (s *Set) checkOutput(p *Package, out *ast.File, imports types.Importer, generated []string) error {
	name := s.Fset.Position(out.Package).Filename
	var bad []error
	conf := s.checker(p, func(err error) {
		var te types.Error
		if errors.As(err, &te) && s.Fset.Position(te.Pos).Filename == name && !blames(te.Msg, p) && !isGenerated(te.Msg, generated) {
			bad = append(bad, err)
		}
	})
	conf.Importer = imports
	files := []*ast.File{out}
	for _, f := range p.Files {
		files = append(files, withoutBodies(f))
	}
	_, _ = conf.Check(p.Path, s.Fset, files, nil)
	return errors.Join(bad...)
}

// CheckCommand type-checks the generated source of a main package and returns its
// errors. What is generated for the packages that it imports need not be there yet:
// generated has its names.
func (s *Set) CheckCommand(name string, src []byte, generated []string) error {
	out, err := parser.ParseFile(s.Fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if err := s.importAll((&Package{Files: []*ast.File{out}}).imports()); err != nil {
		return err
	}
	var bad []error
	conf := s.checker(&Package{}, func(err error) {
		var te types.Error
		if errors.As(err, &te) && !isGenerated(te.Msg, generated) {
			bad = append(bad, err)
		}
	})
	_, _ = conf.Check("main", s.Fset, []*ast.File{out}, nil)
	return errors.Join(bad...)
}

// isGenerated tells whether an error says no more than that one of names is not
// there: undefined: greeter.RegisterGreeter.
func isGenerated(text string, names []string) bool {
	missing, ok := strings.CutPrefix(text, "undefined: ")
	return ok && slices.Contains(names, missing[strings.LastIndexByte(missing, '.')+1:])
}

// importAll imports what is to be found. Packages that only generated code
// imports are looked for in one go.
func (s *Set) importAll(paths []string) error {
	if err := s.findUnknown(slices.Clone(paths)); err != nil {
		return err
	}
	for _, path := range paths {
		if _, err := (importer{s}).Import(path); err != nil {
			return err
		}
	}
	return nil
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
