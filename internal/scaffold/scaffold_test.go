package scaffold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

// No name that a template uses for something else can be the name of the package, which
// the template mentions as well.
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
			if id, ok := n.(*ast.Ident); ok && !id.IsExported() && id.Name != "greeter" {
				require.Error(t, checkName(id.Name), id.Name)
			}
			return true
		})
		return nil
	}))
	for _, name := range []string{"", "Greeter", "my-plugin", "a/b", "..", "func", "pingo", "main", "vendor"} {
		require.Error(t, checkName(name), name)
	}
	require.NoError(t, checkName("greeter2"))
}
