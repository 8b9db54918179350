package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/generator"
)

// What -check and -diff look at beside the code of contracts: the mains of plugins and the
// conformance tests, of which nothing but the lines for go generate tells.

// generateLine is what a file has for go generate: a command of pingogen that writes something
// else than pingo_gen.go.
type generateLine struct {
	file string
	line int
	args []string // main -o ../cmd/hello-plugin
}

// addGenerated adds to a result what the lines for go generate in its packages would make.
func (o *options) addGenerated(result *generator.Result) error {
	for _, dir := range result.Dirs {
		lines, err := generateLines(dir)
		if err != nil {
			return err
		}
		for _, l := range lines {
			more, err := l.generate(o)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", relative(l.file), l.line, err)
			}
			more.Diagnostics = slices.DeleteFunc(more.Diagnostics, func(d generator.Diagnostic) bool { return l.repeats(d, result.Dirs) })
			add(result, more)
		}
	}
	slices.SortStableFunc(result.Outputs, func(a, b *generator.Output) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(result.Diagnostics, func(a, b generator.Diagnostic) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return nil
}

// repeats tells whether a finding is one about a contract in another of the packages, of which
// all has been told when that package was looked at.
func (l generateLine) repeats(d generator.Diagnostic, packages []string) bool {
	const constructor = "PG040" // what a main is found to lack
	dir := filepath.Dir(d.File)
	return d.Code != constructor && dir != filepath.Dir(l.file) && slices.Contains(packages, dir)
}

// add adds what is new in more to a result.
func add(result, more *generator.Result) {
	for _, out := range more.Outputs {
		if !slices.ContainsFunc(result.Outputs, func(o *generator.Output) bool { return o.Path == out.Path }) {
			result.Outputs = append(result.Outputs, out)
		}
	}
	for _, d := range more.Diagnostics {
		if !slices.Contains(result.Diagnostics, d) {
			result.Diagnostics = append(result.Diagnostics, d)
		}
	}
	result.Timings = append(result.Timings, more.Timings...)
}

// generate makes what the line would, under the tags of o if it has none of its own.
func (l generateLine) generate(o *options) (*generator.Result, error) {
	config := generator.Config{Dir: filepath.Dir(l.file), Env: o.config.Env}
	flags := flag.NewFlagSet(l.args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&config.Tags, "tags", o.config.Tags, "")
	ignored := func(string) error { return nil }
	var run, dir, serves string
	if l.args[0] == "conformance" {
		flags.StringVar(&run, "run", "", "")
		flags.Func("arg", "", ignored)
	} else {
		flags.StringVar(&dir, "o", "", "")
		flags.StringVar(&serves, "serves", "", "")
		flags.BoolFunc("json", "", ignored)
		flags.BoolFunc("v", "", ignored)
	}
	if err := flags.Parse(l.args[1:]); err != nil {
		return nil, err
	}
	config.Patterns = flags.Args()
	switch {
	case run != "": // which writes nothing
		return &generator.Result{}, nil
	case l.args[0] == "conformance":
		return generator.GenerateConformance(config)
	case dir == "":
		return nil, errors.New("main needs -o")
	}
	return generator.GenerateMain(generator.MainConfig{Config: config, MainDir: dir, Serves: list(serves)})
}

// generateLines finds the lines in a directory's files. Those with quotes or variables are left
// out: what they mean, go generate knows.
func generateLines(dir string) ([]generateLine, error) {
	names, err := fs.Glob(os.DirFS(dir), "*.go") // the directory's name is no pattern
	if err != nil {
		return nil, err
	}
	var found []generateLine
	for _, name := range names {
		file := filepath.Join(dir, name)
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(src))
		lines.Buffer(nil, len(src)+1)
		for n := 1; lines.Scan(); n++ {
			if args := pingogenArgs(lines.Text()); args != nil {
				found = append(found, generateLine{file, n, args})
			}
		}
	}
	return found, nil
}

// pingogenArgs returns what a line for go generate passes to pingogen, if that begins with
// one of its commands.
func pingogenArgs(line string) []string {
	text, ok := strings.CutPrefix(line, "//go:generate ")
	if !ok || strings.ContainsAny(text, "\"`$") {
		return nil
	}
	words := strings.Fields(text)
	i := slices.IndexFunc(words, func(word string) bool {
		name, _, _ := strings.Cut(path.Base(word), "@")
		return name == "pingogen"
	}) + 1
	if i == 0 || i == len(words) || words[i] != "main" && words[i] != "conformance" {
		return nil
	}
	return words[i:]
}
