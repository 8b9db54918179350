package golden_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator"
)

var update = flag.Bool("update", false, "rewrite the generated code")

func TestGolden(t *testing.T) {
	result, err := generator.Generate(generator.Config{Patterns: []string{"./..."}})
	require.NoError(t, err)
	require.False(t, result.Failed(), "%v", result.Diagnostics)
	require.GreaterOrEqual(t, len(result.Outputs), 5)
	if *update {
		require.NoError(t, result.Write())
		return
	}
	for _, o := range result.Outputs {
		require.Equal(t, string(o.Old), string(o.New), "%s: look at the difference, and run go test -update", o.Path)
	}
}

func TestMarkedAsGenerated(t *testing.T) {
	files, err := filepath.Glob("*/" + generator.DefaultOutput)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		require.True(t, ast.IsGenerated(file), name)
	}
}

func TestSameEveryTime(t *testing.T) {
	first, err := generator.Generate(generator.Config{Patterns: []string{"./..."}})
	require.NoError(t, err)
	for range 3 {
		again, err := generator.Generate(generator.Config{Patterns: []string{"./..."}})
		require.NoError(t, err)
		for i, o := range again.Outputs {
			require.Equal(t, string(first.Outputs[i].New), string(o.New))
		}
	}
}

func TestEveryPackageHasOutput(t *testing.T) {
	for _, dir := range []string{"anything", "directives", "errors", "greeter", "kinds", "names", "references", "shadow", "shapes"} {
		_, err := os.Stat(filepath.Join(dir, generator.DefaultOutput))
		require.NoError(t, err)
	}
}
