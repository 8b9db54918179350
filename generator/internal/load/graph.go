package load

import (
	"slices"

	"golang.org/x/tools/go/packages"
)

// dependency is a package of which no syntax is needed, unless it has no export
// data: then it does not compile, or imports such a package.
type dependency struct {
	export  string   // file with export data
	imports []string // if it was asked for deeply
	deep    bool     // what it imports is in the graph, too
	checked bool     // the packages below it that have source have been checked
	missing error    // it cannot be found at all

	standard bool // it is known to be one of the standard library
}

// findImports asks for what the packages with source import.
func (s *Set) findImports() error {
	paths := slices.Clone(s.cfg.Needs)
	if s.standIn == nil {
		paths = append(paths, s.cfg.Runtime.Packages...)
	}
	for _, p := range s.source {
		paths = append(paths, p.imports()...)
	}
	return s.findUnknown(paths)
}

// findUnknown asks for those of paths that are not in the set: deeply if there are
// packages with source that they might mention, see readExport.
func (s *Set) findUnknown(paths []string) error {
	slices.Sort(paths)
	paths = slices.DeleteFunc(slices.Compact(paths), func(path string) bool {
		return s.source[path] != nil || s.graph[path] != nil || path == "unsafe"
	})
	if len(paths) == 0 {
		return nil
	}
	return s.findExports(paths, len(s.source) > 1)
}

// findExports asks the go command where the export data of packages is, and, if
// deep, of all that they depend on. It builds what is not in the build cache.
func (s *Set) findExports(paths []string, deep bool) error {
	found, err := s.ask(exportMode(deep), paths)
	if err == nil {
		s.addExports(paths, found, deep)
	}
	return err
}

// exportMode is what the go command is asked for, which takes longer if it is deep.
func exportMode(deep bool) packages.LoadMode {
	mode := packages.NeedName | packages.NeedExportFile
	if deep {
		mode |= packages.NeedImports | packages.NeedDeps
	}
	return mode
}

// addExports adds to the graph what the go command has found for paths. One that it does not
// know is there without anything, so that it is not asked again.
func (s *Set) addExports(paths []string, found []*packages.Package, deep bool) {
	for _, path := range paths {
		s.graph[path] = &dependency{}
	}
	packages.Visit(found, nil, func(p *packages.Package) {
		if d := s.graph[p.PkgPath]; d != nil && d.export != "" {
			return
		}
		d := &dependency{export: p.ExportFile, deep: deep}
		for _, below := range p.Imports {
			d.imports = append(d.imports, below.PkgPath)
		}
		s.graph[p.PkgPath] = d
	})
}

// know makes sure that a package has syntax or export data.
func (s *Set) know(path string) error {
	if err := s.findUnknown([]string{path}); err != nil {
		return err
	}
	d := s.graph[path]
	switch {
	case s.source[path] != nil || path == "unsafe" || d.export != "":
		return nil
	case d.missing == nil:
		d.missing = s.readSource(path)
	}
	return d.missing
}

// readSource reads a package without export data, and those below it that have
// none: their declarations may be fine all the same.
func (s *Set) readSource(path string) error {
	if !s.graph[path].deep {
		if err := s.findExports([]string{path}, true); err != nil {
			return err
		}
	}
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
