// Package scaffold writes the beginning of a plugin system: a contract, a plugin, a
// host and a test, which pass at once and are there to be changed.
package scaffold

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Config says what to make, and where.
type Config struct {
	Name    string // of the contract's package: "greeter"; it becomes a directory
	Dir     string // the directory that it is made in; empty means the current one
	Module  string // the path of the module where Dir is in none; empty means "example.com/" and Name
	Replace string // a directory with the source of pingogen to use instead of a released version, or empty
	Version string // of pingogen where the module has none; empty means "latest"
}

const pingogen = "github.com/pingogen/pingogen"

// The templates are real Go, of a contract Greeter in a package example.com/greeter.
//
//go:embed templates
var templates embed.FS

// files are the templates of what is made, by its names in the package's directory.
func files(name string) map[string]string {
	return map[string]string{
		name + ".go":                    "templates/contract.go.txt",
		name + "_test.go":               "templates/contract_test.go.txt",
		"impl/impl.go":                  "templates/impl/impl.go.txt",
		"cmd/" + name + "-host/main.go": "templates/host/main.go.txt",
	}
}

// New makes it, and returns the import path of the contract's package. It changes
// nothing if a file is there already.
func New(ctx context.Context, c Config) (string, error) {
	if err := checkName(c.Name); err != nil {
		return "", err
	}
	dir := filepath.Join(c.Dir, c.Name)
	for _, name := range slices.Sorted(maps.Keys(files(c.Name))) {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return "", fmt.Errorf("%s is there already; choose another name, or remove it", filepath.Join(dir, name))
		}
	}
	_, before := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	path, err := c.fill(ctx, dir)
	if err != nil && errors.Is(before, fs.ErrNotExist) {
		_ = os.RemoveAll(dir) // the next attempt begins anew
	}
	return path, err
}

// fill makes what belongs into dir, and returns its import path. A module that dir is in
// is as it was if that fails.
func (c *Config) fill(ctx context.Context, dir string) (path string, err error) {
	gomod, err := goCommand(ctx, dir, "env", "GOMOD")
	if err != nil {
		return "", err
	}
	if gomod != "" && gomod != os.DevNull {
		for _, file := range []string{gomod, filepath.Join(filepath.Dir(gomod), "go.sum")} {
			restore, failed := remember(file)
			if failed != nil {
				return "", failed
			}
			defer func() {
				if err != nil {
					err = errors.Join(err, restore())
				}
			}()
		}
	}
	if path, err = c.module(ctx, dir, gomod); err != nil {
		return "", err
	}
	if err := c.write(dir, path); err != nil {
		return "", err
	}
	if _, err := goCommand(ctx, dir, "generate", "./..."); err != nil {
		return "", err
	}
	return path, tidy(ctx, dir)
}

// remember returns what makes a file what it is now, if it changes.
func remember(file string) (restore func() error, err error) {
	before, err := os.ReadFile(file)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return nil, err
	}
	return func() error {
		switch now, err := os.ReadFile(file); {
		case err == nil && missing:
			return os.Remove(file)
		case missing || err == nil && bytes.Equal(now, before):
			return nil
		}
		return os.WriteFile(file, before, 0o666)
	}, nil
}

// tidy writes down which modules are needed. go mod tidy also wants those that the tests
// of other modules need, which are not there if nobody has asked for them: who cannot
// fetch them can do without.
func tidy(ctx context.Context, dir string) error {
	_, err := goCommand(ctx, dir, "mod", "tidy")
	if err == nil {
		return nil
	}
	if _, without := goCommand(ctx, dir, "list", "-mod=mod", "-deps", "-test", "./...", "tool"); without != nil {
		return err
	}
	return nil
}

// taken are names that the generated files, or the go command, use for something else.
var taken = regexp.MustCompile(`^(context|ctx|err|error|errors|fmt|g|greet|impl|init|len|log|main|msg|name|nil|os|p|path|pingo|pingotest|string|t|testing|vendor)$`)

func checkName(name string) error {
	switch {
	case !regexp.MustCompile(`^[a-z][a-z0-9]*$`).MatchString(name):
		return fmt.Errorf("%q: want the name of a package: small letters and digits", name)
	case token.IsKeyword(name), taken.MatchString(name):
		return fmt.Errorf("%q is used for something else; choose another name", name)
	}
	return nil
}

// module makes sure that dir is in a module that has pingogen, and returns the
// import path of dir.
func (c *Config) module(ctx context.Context, dir, gomod string) (string, error) {
	if gomod == "" || gomod == os.DevNull {
		module := c.Module
		if module == "" {
			module = "example.com/" + c.Name
		}
		if _, err := goCommand(ctx, dir, "mod", "init", module); err != nil {
			return "", err
		}
	} else if c.Module != "" {
		return "", fmt.Errorf("%s is in the module of %s; leave -module away", dir, gomod)
	}
	if err := c.addTool(ctx, dir); err != nil {
		return "", err
	}
	return importPath(ctx, dir)
}

// addTool adds pingogen to the module, if it is not there already.
func (c *Config) addTool(ctx context.Context, dir string) error {
	if c.Replace != "" {
		source, err := filepath.Abs(c.Replace)
		if err != nil {
			return err
		}
		// Not go get, which would ask for the versions that are released.
		if _, err := goCommand(ctx, dir, "mod", "edit", "-require", pingogen+"@v0.0.0", "-replace", pingogen+"="+source, "-tool", pingogen+"/cmd/pingogen"); err != nil {
			return err
		}
		return tidy(ctx, dir)
	}
	if tools, err := goCommand(ctx, dir, "list", "-f", "{{.ImportPath}}", "tool"); err == nil && strings.Contains(tools, pingogen+"/cmd/pingogen") {
		return nil
	}
	if _, err := goCommand(ctx, dir, "list", "-m", pingogen); err == nil { // of the version, or from the directory, that the module has
		if _, err := goCommand(ctx, dir, "mod", "edit", "-tool", pingogen+"/cmd/pingogen"); err != nil {
			return err
		}
		return tidy(ctx, dir)
	}
	version := c.Version
	if version == "" {
		version = "latest"
	}
	_, err := goCommand(ctx, dir, "get", "-tool", pingogen+"/cmd/pingogen@"+version)
	return err
}

// importPath returns that of a directory in which there is nothing yet.
func importPath(ctx context.Context, dir string) (string, error) {
	out, err := goCommand(ctx, dir, "list", "-m", "-f", "{{.Path}}\n{{.Dir}}")
	if err != nil {
		return "", err
	}
	module, root, _ := strings.Cut(out, "\n")
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return "", err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return "", err
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || strings.HasPrefix(rel, "..") {
		return "", fmt.Errorf("%s is not in the module %s; in a workspace, run pingogen in one of its modules", dir, module)
	}
	if rel == "." {
		return module, nil
	}
	return module + "/" + filepath.ToSlash(rel), nil
}

// write fills the templates in.
func (c *Config) write(dir, path string) error {
	title := string(unicode.ToUpper(rune(c.Name[0]))) + c.Name[1:]
	fill := strings.NewReplacer("example.com/greeter", path, "greeter", c.Name, "Greeter", title)
	for name, template := range files(c.Name) {
		text, err := fs.ReadFile(templates, template)
		if err != nil {
			return err
		}
		source, err := format.Source([]byte(fill.Replace(string(text))))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, source, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// goCommand runs the go command and returns what it prints, without the last newline.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
