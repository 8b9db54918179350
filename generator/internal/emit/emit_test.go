package emit

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/model"
)

var (
	stringType = &model.Type{Name: "string", Kind: model.String, Basic: "string"}
	intType    = &model.Type{Name: "int", Kind: model.Integer, Basic: "int"}
)

func greeter() *model.Package {
	return &model.Package{
		Path: "example.com/greeter",
		Name: "greeter",
		Contracts: []*model.Contract{{
			Name: "Greeter",
			Doc:  "Greeter greets people.\n",
			Methods: []*model.Method{{
				Name:    "SayHello",
				Doc:     "SayHello greets name.\n",
				Context: true,
				CtxName: "ctx",
				Params:  []*model.Param{{Name: "name", Type: stringType}},
				Results: []*model.Param{{Type: stringType}},
				Error:   true,
			}},
		}},
		Scope: []string{"Greeter"},
	}
}

func TestGreeter(t *testing.T) {
	src, err := File(greeter())
	require.NoError(t, err)
	t.Log(string(src))
}

func TestMain_(t *testing.T) {
	p := &model.Package{Path: "example.com/hello", Name: "hello"}
	src, err := Main(p, []*model.Main{{Constructor: "New", Context: true, Error: true, Config: &model.Config{Name: "Config", Fields: []model.ConfigField{
		{Name: "Size", Flag: "size", Env: "SIZE", Doc: "entries to\nkeep", Kind: "int", Type: intType},
		{Name: "Addr", Flag: "addr", Env: "ADDR", Doc: "address", Kind: "text", Type: intType},
	}},
		Serves: []model.Serves{{Package: "example.com/greeter", PackageName: "greeter", Contract: "Greeter"}}}}, "hello-plugin")
	require.NoError(t, err)
	t.Log(string(src))
}
