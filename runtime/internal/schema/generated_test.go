package schema

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

const root = "../../.."

// generatedContracts returns the contracts in all generated files below the root that match.
func generatedContracts(t *testing.T, match string) []codec.Contract {
	var all []codec.Contract
	require.NoError(t, fs.WalkDir(os.DirFS(root), ".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && len(path) > 1 && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.Name() == "pingo_gen.go" && strings.Contains(path, match):
			all = append(all, contractsIn(t, filepath.Join(root, path))...)
		}
		return nil
	}))
	require.NotEmpty(t, all)
	return all
}

// contractsIn returns the descriptions in a generated file.
func contractsIn(t *testing.T, path string) []codec.Contract {
	file, err := goparser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	var all []codec.Contract
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		typ, ok := lit.Type.(*ast.SelectorExpr)
		if !ok || typ.Sel.Name != "Contract" {
			return true
		}
		if fieldOf(lit, "Package") == nil { // of a reference, which is not described by itself
			return false
		}
		c := codec.Contract{Name: stringField(t, lit, "Name"), Package: stringField(t, lit, "Package")}
		for _, m := range listField(lit, "Methods") {
			fingerprint, err := strconv.ParseUint(fieldOf(m, "Fingerprint").(*ast.BasicLit).Value, 0, 64)
			require.NoError(t, err)
			c.Methods = append(c.Methods, codec.Method{Name: stringField(t, m, "Name"), Signature: stringField(t, m, "Signature"), Fingerprint: fingerprint})
		}
		for _, m := range listField(lit, "Types") {
			c.Types = append(c.Types, codec.Type{Name: stringField(t, m, "Name"), Definition: stringField(t, m, "Definition")})
		}
		all = append(all, c)
		return false
	})
	return all
}

// fieldOf returns a field of a composite literal, or nil.
func fieldOf(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv := e.(*ast.KeyValueExpr); kv.Key.(*ast.Ident).Name == name {
			return kv.Value
		}
	}
	return nil
}

func stringField(t *testing.T, lit *ast.CompositeLit, name string) string {
	s, err := strconv.Unquote(fieldOf(lit, name).(*ast.BasicLit).Value)
	require.NoError(t, err)
	return s
}

func listField(lit *ast.CompositeLit, name string) []*ast.CompositeLit {
	var list []*ast.CompositeLit
	if field, ok := fieldOf(lit, name).(*ast.CompositeLit); ok {
		for _, e := range field.Elts {
			list = append(list, e.(*ast.CompositeLit))
		}
	}
	return list
}

// What the generator writes can be parsed, and fits itself: only what the planner
// knows nothing of would not, if something else were different.
func TestGeneratedDescriptions(t *testing.T) {
	for _, c := range generatedContracts(t, "") {
		for _, m := range c.Methods {
			for _, compare := range []func(w, r *Contract, name string) (*Plan, []Mismatch){Arguments, Results} {
				plan, mismatches := compare(New(&c, ""), New(&c, ""), m.Name)
				require.Nil(t, plan)
				for _, differ := range mismatches {
					require.Contains(t, differ.Reason, "has to be the same on both sides", "%s.%s.%s: %v", c.Package, c.Name, m.Name, differ)
				}
			}
		}
	}
}
