// Package load reads Go packages: the syntax and the declared types of the
// packages asked for, and export data of what they import.
//
// The go command is asked which files the packages have, and where the export data of their
// imports is, at once if that can be (see once.go). It never compiles the packages themselves,
// so that what they lack before the first generation does not matter, and
// function bodies are not checked.
package load

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

// Config says what to load. See generator.Config.
type Config struct {
	Dir      string
	Env      []string
	Patterns []string
	Tags     string
	Output   string // base name of generated files, which are not read
	Header   string // first line of generated files under any other name, which are not read either
	// Needs are import paths that the generated code uses beside those of the source,
	// of the standard library.
	Needs []string
	// Runtime is what generated code calls.
	Runtime Runtime
	// Contracts says that the contracts are wanted which constructors' results
	// implement: the packages of the same module that a constructor's package
	// imports are read from source, too.
	Contracts bool
}

// Set is what was loaded. It is for one goroutine at a time.
type Set struct {
	Fset  *token.FileSet
	Roots []*Package // in the order of the go command

	cfg      Config
	source   map[string]*Package       // packages with syntax, by path
	graph    map[string]*dependency    // what the others import, by path
	imported map[string]*types.Package // by path; an incomplete one is known only as far as others mention it
	standIn  *standIn                  // for the runtime, nil if there can be none
}

// Package is a package that was read from its source.
type Package struct {
	Path, Name, Dir string
	Module          string // path of its module, "" if it has none
	Files           []*ast.File
	Generated       []string // files that were generated before, which are not read
	Types           *types.Package
	Info            *types.Info
	Declared        []string   // what the files declare, sorted
	Problems        []*Problem // what is wrong with the source

	version  string // of the language, as go/types takes it
	files    []string
	checking bool
}

// Problem is a syntax error or a type error.
type Problem struct {
	Pos    token.Pos
	At     token.Position // of a syntax error, whose Pos is not known
	Text   string
	Syntax bool
	Near   bool // a syntax error in a file with directives: a contract may be lost in it
	Used   bool // it has been reported where a contract reaches it
}

// Load reads the packages that match the patterns. Mistakes in the source are
// Problems; an error says that the packages cannot be found.
func Load(cfg Config) (*Set, error) {
	s := newSet(cfg)
	if !s.readOnce() {
		if err := s.readRoots(); err != nil {
			return nil, err
		}
	}
	if err := s.findImports(); err != nil {
		return nil, err
	}
	for _, p := range s.Roots {
		s.check(p)
	}
	return s, nil
}

func newSet(cfg Config) *Set {
	return &Set{
		Fset: token.NewFileSet(), cfg: cfg,
		source:   map[string]*Package{},
		graph:    map[string]*dependency{},
		imported: map[string]*types.Package{"unsafe": types.Unsafe},
	}
}

// readRoots reads what the patterns match, and the packages of contracts if they
// are wanted.
func (s *Set) readRoots() error {
	roots, err := s.list(s.patterns())
	switch {
	case err != nil:
		return err
	case len(roots) == 0:
		return fmt.Errorf("no Go packages match %s", strings.Join(s.patterns(), " "))
	}
	s.Roots = roots
	var local []string
	for _, p := range roots {
		if s.cfg.Contracts && p.makesPlugins() {
			local = append(local, p.importsWithin(p.Module)...)
		}
	}
	local = slices.DeleteFunc(local, func(path string) bool { return s.source[path] != nil })
	if len(local) > 0 {
		_, err = s.list(local)
	}
	return err
}

func (s *Set) patterns() []string {
	if len(s.cfg.Patterns) == 0 {
		return []string{"."}
	}
	return s.cfg.Patterns
}

// list finds packages and parses their files. An error about one of them does not
// keep it from the others.
func (s *Set) list(patterns []string) ([]*Package, error) {
	found, err := s.ask(rootMode, patterns)
	if err != nil {
		return nil, err
	}
	return s.use(found)
}

// rootMode is what the go command is asked of packages that are read from source.
const rootMode = packages.NeedName | packages.NeedFiles | packages.NeedModule

// use adds packages that were found to the set.
func (s *Set) use(found []*packages.Package) ([]*Package, error) {
	var list []*Package
	var failed error
	for _, f := range found {
		if len(f.GoFiles) == 0 {
			failed = errors.Join(failed, listError(f))
			continue
		}
		p := &Package{Path: f.PkgPath, Name: f.Name, Dir: filepath.Dir(f.GoFiles[0]), files: f.GoFiles}
		p.version = language(f.Module)
		if f.Module != nil {
			p.Module = f.Module.Path
		}
		list = append(list, p)
		s.source[p.Path] = p
	}
	return list, errors.Join(failed, s.parse(list))
}

// language is the version of the language that a module is written in, as go/types takes it.
func language(m *packages.Module) string {
	if m == nil || m.GoVersion == "" {
		return ""
	}
	return "go" + m.GoVersion
}

// listError says why a package has no files; a package of tests alone is no error.
func listError(p *packages.Package) error {
	for _, e := range p.Errors {
		if strings.Contains(e.Msg, "build constraints exclude all Go files") || strings.Contains(e.Msg, "no non-test Go files") {
			continue
		}
		return errors.New(e.Msg)
	}
	return nil
}

// ask asks the go command about packages.
func (s *Set) ask(mode packages.LoadMode, patterns []string) ([]*packages.Package, error) {
	c := &packages.Config{Mode: mode, Dir: s.cfg.Dir, Env: hasty(s.cfg.Env)}
	if s.cfg.Tags != "" {
		c.BuildFlags = []string{"-tags=" + s.cfg.Tags}
	}
	found, err := packages.Load(c, patterns...)
	if err != nil {
		// What it says is "err: exit status 1: stderr: " and the go command's own words.
		_, words, ok := strings.Cut(err.Error(), "stderr: ")
		if words = strings.TrimSpace(words); ok && words != "" {
			err = errors.New(words)
		}
	}
	return found, err
}

// hasty returns an environment, nil for that of this process, in which the go command collects
// less garbage than usual, up to a gigabyte: it ends before that pays.
func hasty(env []string) []string {
	if env == nil {
		env = os.Environ()
	}
	if slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "GOGC=") || strings.HasPrefix(v, "GOMEMLIMIT=") }) {
		return env
	}
	return append(slices.Clone(env), "GOGC=800", "GOMEMLIMIT=1GiB")
}

// parse reads the files of packages, several at a time.
func (s *Set) parse(list []*Package) error {
	var wg sync.WaitGroup
	var mu sync.Mutex // protects failed
	var failed error
	gate := make(chan struct{}, 8)
	for _, p := range list {
		parsed := make([]*ast.File, len(p.files))
		problems := make([][]*Problem, len(p.files))
		wg.Go(func() {
			var files sync.WaitGroup
			for i, name := range p.files {
				files.Go(func() {
					gate <- struct{}{}
					defer func() { <-gate }()
					f, bad, err := s.parseFile(name)
					if err != nil {
						mu.Lock()
						failed = err
						mu.Unlock()
					}
					parsed[i], problems[i] = f, bad
				})
			}
			files.Wait()
			for i, f := range parsed {
				if f == nil {
					p.Generated = append(p.Generated, p.files[i])
				}
			}
			p.Files = slices.DeleteFunc(parsed, func(f *ast.File) bool { return f == nil })
			p.Problems = slices.Concat(problems...)
		})
	}
	wg.Wait()
	return failed
}

// parseFile parses a file unless it is generated by us.
func (s *Set) parseFile(name string) (*ast.File, []*Problem, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	if s.cfg.Header != "" && strings.HasPrefix(string(src), s.cfg.Header) {
		return nil, nil, nil
	}
	f, err := parser.ParseFile(s.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil && filepath.Base(name) == s.cfg.Output {
		return nil, nil, nil // what is broken there will be replaced
	}
	return f, syntaxProblem(err, bytes.Contains(src, []byte("//pingo:"))), nil
}

// imports lists what a package imports.
func (p *Package) imports() []string {
	var list []string
	for _, f := range p.Files {
		for _, spec := range f.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && path != "C" && path != "unsafe" {
				list = append(list, path)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// importsWithin lists the imports that belong to a module.
func (p *Package) importsWithin(module string) []string {
	return slices.DeleteFunc(p.imports(), func(path string) bool {
		return module == "" || path != module && !strings.HasPrefix(path, module+"/")
	})
}

// Imports returns the packages that p imports, as it sees them.
func (p *Package) Imports() []*types.Package { return p.Types.Imports() }

// makesPlugins tells whether a function of p carries a directive: the contracts
// that its result implements are looked for in the source of what p imports.
func (p *Package) makesPlugins() bool {
	for _, f := range p.Files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Doc != nil {
				for _, c := range fn.Doc.List {
					if strings.HasPrefix(c.Text, "//pingo:") {
						return true
					}
				}
			}
		}
	}
	return false
}

// Declarations returns all that the package with the path declares, nil if it cannot be found.
func (s *Set) Declarations(path string) *types.Scope {
	p, err := importer{s}.Import(path)
	if err != nil {
		return nil
	}
	return p.Scope()
}

// Known returns the package with the path, nil if nothing that was loaded so far mentions it.
// Of some it has no more than what others mention.
func (s *Set) Known(path string) *types.Package { return s.imported[path] }

// Source returns the package with the path if it was read from source.
func (s *Set) Source(path string) *Package { return s.source[path] }
