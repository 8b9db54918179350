package load

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// The go command takes most of the time, and has two questions to answer of which the second
// follows from the first: which packages are there, and where is the export data of what they
// import? For packages in directories, which are nearly all, whoever looks into their files knows
// what they import, so that both can be asked at once.
//
// Asked for export data, the go command compiles what it is asked for, and has to be kept
// from compiling the packages themselves: it is shown an overlay in which their files have
// nothing but what stands before their imports. What is compiled then is always the same,
// and in the build cache.

// local is what the directories that patterns mean say of the packages in them.
type local struct {
	dirs    []string
	imports []string          // of all of them but for each other, and of generated code
	overlay map[string][]byte // their files, as far as the package clause
}

// readOnce asks about the packages of the patterns and about what they import at once, and
// tells whether that was possible. If it was not, nothing has happened.
func (s *Set) readOnce() bool {
	l := s.look()
	if l == nil {
		return false
	}
	deep := len(l.dirs) > 1
	all, err := s.goList(deep, slices.Concat(s.patterns(), l.imports), l.overlay)
	if err != nil {
		return false
	}
	var roots, others []*packages.Package
	for _, p := range found(all) {
		switch {
		case slices.Contains(l.imports, p.PkgPath):
			others = append(others, p)
		case len(p.GoFiles) == 0 || slices.Contains(l.dirs, filepath.Dir(p.GoFiles[0])):
			roots = append(roots, p)
		default: // the patterns mean something else as well
			return false
		}
	}
	list, err := s.use(roots)
	if err != nil || len(list) == 0 {
		return false
	}
	s.Roots = list
	s.addExports(l.imports, others, deep)
	return true
}

// look looks into the directories that the patterns mean. It returns nil if they mean something
// else, or if the question cannot be asked at once.
func (s *Set) look() *local {
	dirs, ok := s.directories()
	if !ok || s.cfg.Contracts { // for which more is read from source
		return nil
	}
	l := &local{dirs: dirs, imports: slices.Clone(s.cfg.Needs), overlay: map[string][]byte{}}
	system := build.Default
	system.BuildTags = strings.Split(s.cfg.Tags, ",")
	own := map[string]bool{"unsafe": true}
	var modules []string
	for _, dir := range dirs {
		names, _ := fs.Glob(os.DirFS(dir), "*.go") // the pattern is fine, which the directory's name need not be
		if len(names) == 0 {
			continue
		}
		p, err := system.ImportDir(dir, 0)
		if errors.As(err, new(*build.NoGoError)) { // it is one of tests, or of another system
			err = nil
		}
		module, path := importPath(dir)
		if err != nil || module == "" || len(p.SFiles) > 0 || !l.hide(dir, names) {
			return nil
		}
		own[path] = true
		modules = append(modules, module)
		l.imports = append(l.imports, p.Imports...)
	}
	slices.Sort(l.imports)
	l.imports = slices.DeleteFunc(slices.Compact(l.imports), func(path string) bool { return own[path] })
	if len(own) > 2 && slices.ContainsFunc(l.imports, func(path string) bool { return within(path, modules) }) {
		return nil // it may import one of the packages, which are not to be seen
	}
	return l
}

// hide shows the go command no more of a directory's files than it needs to choose among them.
func (l *local) hide(dir string, names []string) bool {
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		name = filepath.Join(dir, name)
		src, err := os.ReadFile(name)
		if err != nil {
			return false
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, src, parser.ImportsOnly)
		if err != nil || slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"C"` }) {
			return false // cgo is a reason to choose as well
		}
		l.overlay[name] = append(src[:set.PositionFor(f.Name.End(), false).Offset:len(src)], '\n')
	}
	return true
}

// directories returns those that the patterns mean, if they all mean directories.
func (s *Set) directories() (dirs []string, ok bool) {
	for _, pattern := range s.patterns() {
		root, below := strings.CutSuffix(pattern, "...")
		if !build.IsLocalImport(root) || strings.Contains(root, "...") {
			return nil, false
		}
		root, err := filepath.Abs(filepath.Join(s.cfg.Dir, root))
		if err != nil {
			return nil, false
		}
		if !below {
			dirs = append(dirs, root)
			continue
		}
		err = filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || !d.IsDir():
				return err
			case dir != root && ignored(dir, d.Name()):
				return fs.SkipDir
			}
			dirs = append(dirs, dir)
			return nil
		})
		if err != nil {
			return nil, false
		}
	}
	return dirs, true
}

// ignored tells whether the go command goes past a directory.
func ignored(dir, name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "vendor" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)`)

// importPath is that of the package in a directory, and the path of its module, as the next
// go.mod says; "" if there is none.
func importPath(dir string) (module, pkg string) {
	for root := dir; ; root = filepath.Dir(root) {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if m := moduleLine.FindSubmatch(text); err == nil && m != nil {
			below, _ := filepath.Rel(root, dir) // which it is
			return string(m[1]), path.Join(string(m[1]), filepath.ToSlash(below))
		}
		if err == nil || root == filepath.Dir(root) {
			return "", ""
		}
	}
}

// within tells whether a path is that of a package in one of the modules.
func within(path string, modules []string) bool {
	return slices.ContainsFunc(modules, func(module string) bool { return path == module || strings.HasPrefix(path, module+"/") })
}
