package resolve

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/model"
)

// Reads are ahead, and writes behind, only where nothing beside them notices.
func TestStreamedMethods(t *testing.T) {
	for _, test := range []struct {
		methods     string
		read, write model.Special
	}{
		{"", model.ReadStream, model.Write},
		{"Sync() error", model.ReadStream, model.Write},
		{"Name(int)", model.ReadStream, model.Write},
		{"Flush() error", model.Read, model.Write},
		{"SetReadDeadline(int64) error", model.Read, model.Write},
		{"SetWriteDeadline(int64) error", model.Read, model.Ordinary},
		{"SetDeadline(int64) error", model.Read, model.Ordinary},
	} {
		t.Run(test.methods, func(t *testing.T) {
			it := parsed(t, "interface { Read([]byte) (int, error); Write([]byte) (int, error); "+test.methods+" }")
			byName := map[string]*model.Method{}
			var methods []*model.Method
			for f := range it.Methods() {
				m := &model.Method{Name: f.Name()}
				byName[m.Name], methods = m, append(methods, m)
			}
			specials(methods, it, true)
			require.Equal(t, test.read, byName["Read"].Special)
			require.Equal(t, test.write, byName["Write"].Special)
		})
	}
}

// parsed is the interface that the text declares.
func parsed(t *testing.T, text string) *types.Interface {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", "package p; type I "+text, 0)
	require.NoError(t, err)
	pkg, err := new(types.Config).Check("p", set, []*ast.File{file}, nil)
	require.NoError(t, err)
	return pkg.Scope().Lookup("I").Type().Underlying().(*types.Interface)
}
