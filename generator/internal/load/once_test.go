package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module writes a module: files by their paths.
func module(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	if files["go.mod"] == "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.26\n"), 0o644))
	}
	return dir
}

// files has packages that import each other, lack what is to be generated, and are of
// other systems or tests only.
var files = map[string]string{
	"a/a.go":         "// Package a is one.\npackage a\n\nimport (\n\t\"time\"\n\n\t\"example.com/m/b\"\n)\n\ntype A struct {\n\tb.B\n\ttime.Time\n}\n\nvar _ = NewAClient\n",
	"a/a_plan9.go":   "package a\n\nimport _ \"example.com/nowhere\"\n",
	"a/a_test.go":    "package a\n\nimport _ \"testing\"\n",
	"b/b.go":         "package b\n\nimport \"net/url\"\n\ntype B url.Values\n\nfunc (B) M() { nothing() }\n",
	"c/c_test.go":    "package c\n",
	"d/d_plan9.go":   "package d\n",
	"e/e.go":         "package e\n\ntype E struct{ undefined }\n",
	"testdata/t.go":  "package t\n",
	"nested/go.mod":  "module example.com/nested\n",
	"nested/n.go":    "package nested\n",
	"cgo/sub/cgo.go": "package sub\n",
}

// What is asked at once, and what is not, come to the same.
func TestReadOnce(t *testing.T) {
	dir := module(t, files)
	for _, test := range []struct {
		dir      string
		patterns []string
		once     bool
	}{
		{".", []string{"./..."}, true},
		{"a", nil, true},
		{"a", []string{"."}, true},
		{"b", []string{"../a"}, true},
		{".", []string{"./a", "./b"}, true},
		{".", []string{"./a", "./e"}, false}, // a imports b, which might import e
		{".", []string{"./c", "./b"}, true},
		{".", []string{"example.com/m/a"}, false},
		{".", []string{"./a", "example.com/m/b"}, false},
		{".", []string{"./nowhere"}, false},
		{".", []string{"./.../a"}, false},
	} {
		t.Run(test.dir+" "+strings.Join(test.patterns, " "), func(t *testing.T) {
			cfg := Config{Dir: filepath.Join(dir, test.dir), Patterns: test.patterns, Needs: []string{"context", "iter"}}
			once := newSet(cfg)
			require.Equal(t, test.once, once.readOnce())
			if !test.once {
				return
			}
			once.checkRoots(t)
			twice := newSet(cfg)
			require.NoError(t, twice.readRoots())
			twice.checkRoots(t)
			require.Equal(t, twice.summary(), once.summary())
		})
	}
}

// Files that the go command has to see as they are, are asked for first.
func TestReadOnceIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"a/c.go":  "package a\n\nimport \"C\"\n",
		"a/a.s":   "",
		"a/d.go":  "package",
		"a/x.go":  "package other\n",
		"go.mod":  "no module\n",
		"a/go.md": "", // which changes nothing
	} {
		changed := map[string]string{"a/a.go": "package a\n", name: text}
		dir := module(t, changed)
		set := newSet(Config{Dir: filepath.Join(dir, "a")})
		require.Equal(t, name == "a/go.md", set.readOnce(), name)
	}
}

// Who has a driver for packages wants it to be asked.
func TestReadOnceLeavesDriversAlone(t *testing.T) {
	dir := module(t, map[string]string{"a.go": "package a\n"})
	for driver, once := range map[string]bool{"": true, "off": true, "/nowhere/driver": false} {
		set := newSet(Config{Dir: dir, Env: append(os.Environ(), "GOPACKAGESDRIVER="+driver)})
		require.Equal(t, once, set.readOnce(), driver)
	}
}

// The name of a directory is no pattern.
func TestReadOnceInOddDirectory(t *testing.T) {
	dir := module(t, map[string]string{
		"odd [dir]/go.mod": "module example.com/m\n\ngo 1.26\n",
		"odd [dir]/a.go":   "package a\n\nimport _ \"time\"\n",
	})
	set := newSet(Config{Dir: filepath.Join(dir, "odd [dir]")})
	require.Contains(t, set.look().imports, "time")
}

func (s *Set) checkRoots(t *testing.T) {
	require.NoError(t, s.findImports())
	for _, p := range s.Roots {
		s.check(p)
	}
}

// summary is what was loaded.
func (s *Set) summary() []Package {
	var list []Package
	for _, p := range s.Roots {
		problems := p.Problems
		summary := Package{Path: p.Path, Name: p.Name, Dir: p.Dir, Module: p.Module, Declared: p.Declared, version: p.version, files: p.files}
		for _, problem := range problems {
			summary.Generated = append(summary.Generated, s.Position(problem).String()+problem.Text)
		}
		list = append(list, summary)
	}
	return list
}
