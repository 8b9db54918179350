package tool

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pingogen/pingogen/runtime/description"
)

// Load returns the contracts that name means:
//
//	bin/kv-plugin      a plugin's binary; it is started if it does not say them by itself
//	contract.txt       a description, as text or as Report's JSON
//	./kv               the generated code of a package, in a directory or with an import path
//	./kv@v1.2.0        the same, as it is in a revision of its git repository
//
// Timeout is for the start of a binary; zero means 10 seconds.
func Load(ctx context.Context, name string, timeout time.Duration) ([]description.Contract, error) {
	info, err := os.Stat(name)
	switch {
	case name == "":
		return nil, errors.New("the name of a version is empty")
	case err == nil && !info.IsDir():
		return loadFile(ctx, name, timeout)
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	}
	dir, revision, atRevision := strings.Cut(name, "@")
	if err != nil || atRevision {
		if dir, err = directory(ctx, dir); err != nil {
			return nil, fmt.Errorf("%s is neither a file nor a package: %w", name, err)
		}
	} else {
		dir = name
	}
	read := func() (map[string][]byte, error) { return generatedIn(dir) }
	if atRevision {
		read = func() (map[string][]byte, error) { return generatedAt(ctx, dir, revision) }
	}
	files, err := read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var all []description.Contract
	for path, source := range files {
		list, err := contractsIn(path, source)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, list...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no generated code that describes a contract; run go generate there, and commit what it writes", name)
	}
	return all, nil
}

// loadFile reads a description, or asks a binary.
func loadFile(ctx context.Context, name string, timeout time.Duration) ([]description.Contract, error) {
	if err := regular(name); err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil && !errors.Is(err, fs.ErrPermission) { // a program may be run nevertheless
		return nil, err
	}
	head := make([]byte, len("contract "))
	n, _ := file.Read(head) // what is missing is of another kind
	_ = file.Close()        // it was only read
	switch {
	case string(head[:n]) == "contract ":
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		list, err := description.Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return list, nil
	case n > 0 && head[0] == '{':
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var r Report
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: not the JSON of pingogen inspect: %w", name, err)
		}
		if r.Contracts == nil {
			return nil, fmt.Errorf("%s: not the JSON of pingogen inspect: it has no contracts", name)
		}
		return r.Contracts, nil
	}
	r, err := Inspect(ctx, Binary{Path: name, Timeout: timeout}, false)
	if err != nil {
		return nil, err
	}
	return r.Contracts, nil
}

// directory returns where a package is.
func directory(ctx context.Context, name string) (string, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return name, nil
	}
	out, err := outputOf(exec.CommandContext(ctx, "go", "list", "-e=false", "-f", "{{.Dir}}", "--", name))
	return strings.TrimSpace(string(out)), err
}

// outputOf runs a command, whose error output becomes its error.
func outputOf(cmd *exec.Cmd) ([]byte, error) {
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return nil, errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	return out, err
}

// generatedIn returns the generated files in a directory.
func generatedIn(dir string) (map[string][]byte, error) {
	names, err := fs.Glob(os.DirFS(dir), "*.go") // the directory's name is no pattern
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range names {
		path := filepath.Join(dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if isGenerated(source) {
			files[path] = source
		}
	}
	return files, nil
}

// generatedAt returns those that a revision has.
func generatedAt(ctx context.Context, dir, revision string) (map[string][]byte, error) {
	git := func(args ...string) ([]byte, error) {
		return outputOf(exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...))
	}
	if strings.HasPrefix(revision, "-") {
		return nil, fmt.Errorf("%q is no revision", revision)
	}
	list, err := git("ls-tree", "--name-only", "-z", revision, "./")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range strings.Split(string(list), "\x00") {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		source, err := git("show", revision+":./"+name)
		if err != nil {
			return nil, err
		}
		if isGenerated(source) {
			files[name] = source
		}
	}
	return files, nil
}

func isGenerated(source []byte) bool {
	return bytes.HasPrefix(source, []byte("// Code generated by pingogen; DO NOT EDIT."))
}

// contractsIn returns what is embedded in a generated file.
func contractsIn(name string, source []byte) ([]description.Contract, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for _, d := range file.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.CONST {
			ast.Inspect(d, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					part, _ := strconv.Unquote(lit.Value) // the parser has
					text.WriteString(part)
				}
				return true
			})
		}
	}
	found, err := description.Find(strings.NewReader(text.String()))
	return found.Contracts, err
}
