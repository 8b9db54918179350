package scaffold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// No name that a template imports can be the name of the package.
func TestTakenNames(t *testing.T) {
	require.NoError(t, fs.WalkDir(templates, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		source, err := fs.ReadFile(templates, name)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ImportSpec); ok && spec.Name == nil {
				imported, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				if imported != "example.com/greeter" {
					require.Error(t, checkName(path.Base(imported)), imported)
				}
			}
			return true
		})
		return nil
	}))
	for _, name := range []string{"", "Greeter", "my-plugin", "a/b", "..", "func", "pingo", "main"} {
		require.Error(t, checkName(name), name)
	}
	require.NoError(t, checkName("greeter2"))
}
