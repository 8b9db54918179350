package realworld

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "github.com/pingogen/pingogen/runtime" // what generated code imports
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite refused.txt with what pingogen says today")

// TestAccepted generates code for each contract in accepted, in silence, and
// lets the compiler and vet judge it.
func TestAccepted(t *testing.T) {
	module, pingogen := copyModule(t), buildPingogen(t)
	out, err := command(module, pingogen, "./accepted/...").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Empty(t, string(out))

	out, err = command(module, "go", "vet", "./accepted/...").CombinedOutput()
	require.NoError(t, err, "%s", out)

	for dir, names := range contracts(t, filepath.Join(module, "accepted")) {
		generated := declarations(t, filepath.Join(dir, "pingo_gen.go"))
		for _, name := range names {
			require.Contains(t, generated, name+"Client", dir)
			require.Contains(t, generated, "New"+name+"Client", dir)
			require.Contains(t, generated, "Register"+name, dir)
		}
	}

	out, err = command(module, pingogen, "-check", "./accepted/...").CombinedOutput()
	require.NoError(t, err, "generated again, the code is different:\n%s", out)
}

// TestRefused wants each contract in refused to be named in a diagnostic, and
// no code.
func TestRefused(t *testing.T) {
	module, pingogen := copyModule(t), buildPingogen(t)
	var stderr bytes.Buffer
	run := command(module, pingogen, "./refused/...")
	run.Stderr = &stderr
	stdout, err := run.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", &stderr)
	require.Equal(t, 1, exit.ExitCode(), "%s", &stderr)
	require.Empty(t, string(stdout))

	if *update {
		require.NoError(t, os.WriteFile("refused.txt", stderr.Bytes(), 0o644))
	}
	want, err := os.ReadFile("refused.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), stderr.String())

	for dir, names := range contracts(t, filepath.Join(module, "refused")) {
		require.NoFileExists(t, filepath.Join(dir, "pingo_gen.go"))
		for _, name := range names {
			require.Regexp(t, `(?m)^refused/\w+/\w+\.go:\d+:\d+: `+name+`\b`, stderr.String())
		}
	}
}

// copyModule copies this module to a temporary directory, as generated code
// is not wanted here.
func copyModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(".")))
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	out, err := command(dir, "go", "mod", "edit", "-replace", "github.com/pingogen/pingogen="+root).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return dir
}

// buildPingogen has pingogen in $PATH, as who has installed it.
func buildPingogen(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := command("../..", "go", "build", "-o", dir+string(filepath.Separator), "./cmd/pingogen").CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return "pingogen"
}

func command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd
}

// contracts returns the types with a directive, by directory.
func contracts(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	files, err := filepath.Glob(filepath.Join(root, "*", "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		if filepath.Base(name) == "pingo_gen.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				found[filepath.Dir(name)] = append(found[filepath.Dir(name)], spec.Name.Name)
			}
			return true
		})
	}
	require.NotEmpty(t, found)
	return found
}

// declarations returns the names that a file declares, without methods.
func declarations(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	require.NoError(t, err)
	var names []string
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				names = append(names, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					names = append(names, spec.Name.Name)
				}
			}
		}
	}
	return names
}
