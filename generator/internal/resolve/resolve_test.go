package resolve_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/load"
	"github.com/pingogen/pingogen/generator/internal/resolve"
)

var update = flag.Bool("update", false, "write the want.txt of every case")

// TestCases resolves each package below testdata and compares what is said of it
// with its want.txt. Packages without one are there for others to import.
func TestCases(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*/want.txt")
	require.NoError(t, err)
	var patterns []string
	for _, dir := range dirs {
		patterns = append(patterns, "./"+filepath.ToSlash(filepath.Dir(dir)))
	}
	set, err := load.Load(load.Config{Patterns: patterns, Output: "pingo_gen.go", Contracts: true})
	require.NoError(t, err)
	require.Len(t, set.Roots, len(patterns), "every case is a package")
	for _, p := range set.Roots {
		t.Run(filepath.Base(p.Dir), func(t *testing.T) {
			var diags diag.List
			m := resolve.Package(set, p, resolve.Options{Mains: true}, &diags)
			var got strings.Builder
			for _, d := range diags.Sorted() {
				note := ""
				if d.Note {
					note = "note: "
				}
				fmt.Fprintf(&got, "%s:%d:%d: %s %s%s\n", filepath.Base(d.Pos.Filename), d.Pos.Line, d.Pos.Column, d.Code, note, d.Message)
			}
			if diags.Errors() == 0 {
				for _, c := range m.Contracts {
					fmt.Fprintf(&got, "contract %s: %d methods\n", c.Name, len(c.Methods))
				}
				for _, c := range m.Mains {
					fmt.Fprintf(&got, "constructor %s of %s serves %v\n", c.Constructor, c.Result, c.Serves)
				}
				if m.Constraint != "" {
					fmt.Fprintf(&got, "constraint %s\n", m.Constraint)
				}
			}
			file := filepath.Join(p.Dir, "want.txt")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got.String()), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got.String())
		})
	}
}

// TestEveryCodeHasACase wants each kind of diagnostic in some want.txt.
func TestEveryCodeHasACase(t *testing.T) {
	source, err := os.ReadFile("../diag/diag.go")
	require.NoError(t, err)
	codes := regexp.MustCompile(`"PG\d+"`).FindAllString(string(source), -1)
	require.NotEmpty(t, codes)
	files, err := filepath.Glob("testdata/*/want.txt")
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	for _, code := range codes {
		require.Contains(t, all.String(), " "+strings.Trim(code, `"`)+" ")
	}
}
