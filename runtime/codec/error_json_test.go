package codec

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestJSONErrors(t *testing.T) {
	var v struct {
		A int
		M map[string]time.Month
		S struct{ X []string }
		T *json.Decoder
	}
	for text, want := range map[string]error{
		`{`:               &json.SyntaxError{},
		`{"A": x}`:        &json.SyntaxError{},
		`{"A": "x"}`:      &json.UnmarshalTypeError{},
		`{"M": [1]}`:      &json.UnmarshalTypeError{},
		`{"M": {"a":""}}`: &json.UnmarshalTypeError{},
		`{"S": 1}`:        &json.UnmarshalTypeError{},
		`{"S": {"X":1}}`:  &json.UnmarshalTypeError{},
		`{"T": 1}`:        &json.UnmarshalTypeError{},
		`[` + "\n":        &json.SyntaxError{},
		`[]`:              &json.UnmarshalTypeError{},
	} {
		in := json.Unmarshal([]byte(text), &v)
		require.IsType(t, want, in)
		got := crossed(t, in)
		require.IsType(t, want, got)
		require.EqualError(t, got, in.Error())
		require.Equal(t, got, crossed(t, got))
		switch in := in.(type) {
		case *json.SyntaxError:
			require.Equal(t, in, got)
		case *json.UnmarshalTypeError:
			got := got.(*json.UnmarshalTypeError)
			require.Equal(t, in.Type.Kind(), got.Type.Kind())
			got.Type = in.Type
			require.Equal(t, in, got)
		}
	}
}
