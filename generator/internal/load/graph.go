package load

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// dependency is a package of which no syntax is needed, unless it has no export
// data: then it does not compile, or imports such a package.
type dependency struct {
	export  string // file with export data
	imports []string
	checked bool  // the packages below it that have source have been checked
	missing error // it cannot be found at all
}

// listed is what the go command says of packages and all that they depend on.
type listed struct {
	paths []string // as asked
	found []*packages.Package
	err   error
}

// findExports asks the go command where the export data of packages is, and of
// all that they depend on. It builds what is not in the build cache.
func (s *Set) findExports(paths []string) listed {
	mode := packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile
	found, err := packages.Load(s.config(mode), paths...)
	return listed{paths, found, err}
}

// findLikely is findExports for what is likely to be imported, while the packages
// are still being read: what generated code needs, and what the files import in
// the directories that are named. The result waits for it.
func (s *Set) findLikely() func() listed {
	paths := slices.Clone(s.cfg.Needs)
	for _, pattern := range s.patterns() {
		if pattern == "." || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../") {
			paths = append(paths, s.importsIn(filepath.Join(s.cfg.Dir, pattern))...)
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	done := make(chan listed, 1)
	go func() { done <- s.findExports(paths) }()
	return func() listed { return <-done }
}

// importsIn lists what the files in a directory import, whether or not they are
// built. What cannot be read is left out: the go command will complain.
func (s *Set) importsIn(dir string) []string {
	var p Package
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		if base := filepath.Base(name); base == s.cfg.Output || strings.HasSuffix(base, "_test.go") {
			continue
		}
		if f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly); err == nil {
			p.Files = append(p.Files, f)
		}
	}
	return p.imports()
}

// findImports completes the graph with what the packages with source import.
func (s *Set) findImports() error {
	paths := slices.Clone(s.cfg.Needs)
	for _, p := range s.source {
		paths = append(paths, p.imports()...)
	}
	slices.Sort(paths)
	paths = slices.DeleteFunc(slices.Compact(paths), s.known)
	if len(paths) == 0 {
		return nil
	}
	return s.addGraph(s.findExports(paths))
}

func (s *Set) known(path string) bool {
	return s.source[path] != nil || s.graph[path] != nil || path == "unsafe"
}

// know makes sure that a package has syntax or export data.
func (s *Set) know(path string) error {
	if !s.known(path) {
		if err := s.addGraph(s.findExports([]string{path})); err != nil {
			return err
		}
	}
	d := s.graph[path]
	switch {
	case s.source[path] != nil || path == "unsafe" || d.export != "":
		return nil
	case d.missing != nil:
		return d.missing
	}
	d.missing = s.readSource(path)
	return d.missing
}

// readSource reads a package without export data, and those below it that have
// none: their declarations may be fine all the same.
func (s *Set) readSource(path string) error {
	_, err := s.list(s.withoutExports(path, nil))
	if s.source[path] == nil {
		return &MissingError{path, err}
	}
	return s.findImports()
}

// withoutExports adds path and what it depends on to list, as far as there is
// neither export data nor source.
func (s *Set) withoutExports(path string, list []string) []string {
	d := s.graph[path]
	if d == nil || d.export != "" || s.source[path] != nil || path == "unsafe" || slices.Contains(list, path) {
		return list
	}
	list = append(list, path)
	for _, below := range d.imports {
		list = s.withoutExports(below, list)
	}
	return list
}

// addGraph adds what the go command found. A path that it does not know stays in
// the graph without anything, so that it is not asked again.
func (s *Set) addGraph(l listed) error {
	if l.err != nil {
		return l.err
	}
	packages.Visit(l.found, func(p *packages.Package) bool {
		if s.graph[p.PkgPath] != nil {
			return false
		}
		d := &dependency{export: p.ExportFile}
		for _, below := range p.Imports {
			d.imports = append(d.imports, below.PkgPath)
		}
		s.graph[p.PkgPath] = d
		return true
	}, nil)
	for _, path := range l.paths {
		if s.graph[path] == nil {
			s.graph[path] = &dependency{}
		}
	}
	return nil
}
