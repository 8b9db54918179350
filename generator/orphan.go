package generator

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/emit"
	"github.com/pingogen/pingogen/generator/internal/load"
	"github.com/pingogen/pingogen/generator/internal/model"
	"github.com/pingogen/pingogen/generator/internal/write"
)

// nothing is for a package without a contract. Who names it, and not only a pattern
// that it fits, expects one.
func (r *run) nothing(p *load.Package) error {
	found, err := r.result.orphan(p.Dir, r.cfg.output())
	named := !slices.ContainsFunc(r.cfg.Patterns, func(pattern string) bool { return strings.Contains(pattern, "...") })
	if err != nil || found || !named || hasDirective(p.Dir) {
		return err
	}
	at := r.packageClause(p)
	r.result.Diagnostics = append(r.result.Diagnostics, Diagnostic{File: at.Filename, Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf("package %s has no //pingo:plugin, so there is nothing to generate: put it above an interface, or name one with -type", p.Types.Name())})
	return nil
}

// orphan looks for an output in dir, whose package has no contract, and reports it
// unless go generate makes it from interfaces without a directive.
func (r *Result) orphan(dir, name string) (found bool, err error) {
	path := filepath.Join(dir, name)
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if len(src) == 0 || !write.Ours(src, emit.Header) {
		return false, nil
	}
	if generatedByType(dir) {
		return true, nil
	}
	r.Diagnostics = append(r.Diagnostics, Diagnostic{File: path, Line: 1, Column: 1,
		Message: "no interface of this package carries //pingo:plugin any more: delete this file, or put the directive back"})
	return true, nil
}

// leftBehind reports what was generated for the same contracts under another name: with
// both, the package does not compile.
func (r *run) leftBehind(p *load.Package, m *model.Package) error {
	for _, path := range p.Generated {
		if filepath.Base(path) == r.cfg.output() {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, c := range m.Contracts {
			if bytes.Contains(src, []byte("\ntype "+c.Name+"Client struct")) {
				r.result.Diagnostics = append(r.result.Diagnostics, Diagnostic{File: path, Line: 1, Column: 1,
					Message: fmt.Sprintf("this file was generated for %s, as %s is: delete it, or name it with -o", c.Name, r.cfg.output())})
				break
			}
		}
	}
	return nil
}

// generatedByType reports whether a go:generate line in dir runs pingogen with
// -type.
func generatedByType(dir string) bool {
	return anyLine(dir, func(line string) bool {
		return strings.HasPrefix(line, "//go:generate ") && strings.Contains(line, "pingogen") && strings.Contains(line, "-type")
	})
}

// hasDirective reports whether a file in dir has a //pingo:plugin, also one that is
// not built here.
func hasDirective(dir string) bool {
	return anyLine(dir, func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "//pingo:plugin") })
}

// anyLine reports whether a Go file in dir has such a line.
func anyLine(dir string, is func(string) bool) bool {
	names, _ := fs.Glob(os.DirFS(dir), "*.go") // the directory's name is no pattern
	for _, name := range names {
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(bytes.NewReader(src))
		for lines.Scan() {
			if is(lines.Text()) {
				return true
			}
		}
	}
	return false
}
