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
