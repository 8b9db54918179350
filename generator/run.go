package generator

import (
	"bytes"
	"errors"
	"fmt"
	"go/printer"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/emit"
	"github.com/pingogen/pingogen/generator/internal/load"
	"github.com/pingogen/pingogen/generator/internal/model"
	"github.com/pingogen/pingogen/generator/internal/resolve"
)

// run is one use of the generator: what was loaded, and the result so far.
type run struct {
	cfg    Config
	set    *load.Set
	diags  diag.List
	result *Result
}

// needs are the packages of the standard library that generated code imports beside those of
// the source, and what it calls in the runtime mentions.
var needs = []string{"context", "io", "iter", "reflect", "sync", "sync/atomic", "syscall", "time"}

// runtime is what generated code calls.
var runtime = load.Runtime{
	Packages: []string{"github.com/pingogen/pingogen/runtime", "github.com/pingogen/pingogen/runtime/codec"},
	Leaf:     "github.com/pingogen/pingogen/runtime/internal/metadata",
}

// load is the first stage.
func (cfg Config) load(mains bool) (*run, error) {
	start := time.Now()
	set, err := load.Load(load.Config{
		Dir: cfg.Dir, Env: cfg.Env, Patterns: cfg.Patterns, Tags: cfg.Tags,
		Output: cfg.output(), Header: emit.Header, Needs: needs, Runtime: runtime, Contracts: mains,
	})
	if err != nil {
		return nil, err
	}
	r := &run{cfg: cfg, set: set, result: &Result{}}
	for _, p := range set.Roots {
		r.result.Dirs = append(r.result.Dirs, p.Dir)
	}
	r.result.time("", "load", start)
	return r, r.checkTypes()
}

// checkTypes complains about names in Config.Types that nothing has.
func (r *run) checkTypes() error {
	missing := slices.DeleteFunc(slices.Clone(r.cfg.Types), func(name string) bool {
		return slices.ContainsFunc(r.set.Roots, func(p *load.Package) bool { return p.Types.Scope().Lookup(name) != nil })
	})
	if len(missing) > 0 {
		return fmt.Errorf("-type %s: no package that was named declares it", strings.Join(missing, ","))
	}
	return nil
}

// model is the second and the third stage: it turns what a package annotates
// into plain data, and refuses what cannot travel. Without ok, something was refused.
func (r *run) model(p *load.Package, mains bool) (m *model.Package, ok bool) {
	start := time.Now()
	before := r.diags.Errors()
	r.testFiles(p.Dir)
	m = resolve.Package(r.set, p, resolve.Options{Types: r.cfg.Types, Mains: mains}, &r.diags)
	r.result.time(p.Path, "model", start)
	return m, r.diags.Errors() == before
}

// emit is the fourth stage. The source that it adds to the result compiles.
func (r *run) emit(p *load.Package, m *model.Package) error {
	start := time.Now()
	src, err := emit.File(m)
	if err != nil {
		return &BugError{Package: p.Path, Text: err.Error()}
	}
	r.result.time(p.Path, "emit", start)
	return r.addOutput(p, filepath.Join(p.Dir, r.cfg.output()), src)
}

// addOutput checks source that was generated for p, and adds it to the result, formatted as
// gofmt does, which is done beside.
func (r *run) addOutput(p *load.Package, path string, src []byte, generated ...string) error {
	start := time.Now()
	file, err := r.set.ParseOutput(path, src)
	if err != nil {
		return &BugError{Package: p.Path, Text: err.Error()}
	}
	formatted := make(chan error, 1)
	var out bytes.Buffer
	go func() {
		gofmt := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
		formatted <- gofmt.Fprint(&out, r.set.Fset, file)
	}()
	err = outputError(p.Path, r.set.CheckOutput(p, file, generated...))
	if unformatted := <-formatted; unformatted != nil {
		return &BugError{Package: p.Path, Text: unformatted.Error()}
	}
	if err != nil {
		return err
	}
	r.result.time(p.Path, "check", start)
	return r.result.add(path, out.Bytes())
}

// outputError says what it means that generated code does not compile: a mistake
// of the generator, or no runtime.
func outputError(pkg string, err error) error {
	var missing *load.MissingError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return fmt.Errorf("generated code imports %s, which this module cannot: run go get github.com/pingogen/pingogen", missing.Path)
	}
	return &BugError{Package: pkg, Text: fmt.Sprintf("the generated code does not compile: %v", err)}
}

// finish sorts what was found.
func (r *run) finish() *Result {
	var all []Diagnostic
	for _, d := range r.diags.Sorted() {
		all = append(all, Diagnostic{
			File: d.Pos.Filename, Line: d.Pos.Line, Column: d.Pos.Column,
			Code: string(d.Code), Message: d.Message, Note: d.Note,
		})
	}
	r.result.Diagnostics = append(all, r.result.Diagnostics...)
	return r.result
}

// testFiles refuses directives in the tests of a package, which are not loaded:
// what other files of the package would be generated from them could not see them.
func (r *run) testFiles(dir string) {
	names, _ := filepath.Glob(filepath.Join(dir, "*_test.go")) // the pattern is fine
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(src, []byte("\n//pingo:")) {
			continue
		}
		r.testFile(name, src)
	}
}

// testFile looks for directives among the comments: a test may hold source in its strings.
func (r *run) testFile(name string, src []byte) {
	file := token.NewFileSet().AddFile(name, -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok == token.COMMENT && strings.HasPrefix(text, "//pingo:") && file.Position(pos).Column == 1 {
			r.diags.Add(diag.Diagnostic{
				Pos:     file.Position(pos),
				Code:    diag.Misplaced,
				Message: text + " stands in a test file, which generated code cannot see: move the declaration to another file",
			})
		}
	}
}
