package tool_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/tool"
)

// call returns what a method prints.
func call(t *testing.T, s *tool.Session, method string, args ...string) ([]string, error) {
	var out []string
	err := s.Call(t.Context(), method, args, func(json []byte) error {
		out = append(out, string(json))
		return nil
	})
	return out, err
}

func open(t *testing.T, name string) *tool.Session {
	s, err := tool.Open(t.Context(), tool.Binary{Path: binary(name)})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// One plugin keeps its state from call to call.
func TestCallStore(t *testing.T) {
	s := open(t, "kv")
	out, err := call(t, s, "Store.Apply", `[{"Kind":0,"Item":{"Key":"a","Value":"AQI=","Labels":{"x":"y"},"Expires":"2100-01-01T00:00:00Z"}}]`)
	require.NoError(t, err)
	require.Equal(t, []string{`[{"Key":"a","Revision":1,"Existed":false}]`}, out)
	out, err = call(t, s, "GetAll", `"a"`, `"b"`)
	require.NoError(t, err)
	require.Equal(t, []string{`{"a":{"Key":"a","Value":"AQI=","Labels":{"x":"y"},"Created":"0001-01-01T00:00:00Z","Expires":"2100-01-01T00:00:00Z","Revision":1}}`}, out)
	_, err = call(t, s, "Get", `"b"`)
	require.EqualError(t, err, `kv: not found: "b"`)
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
}

// The call of a method that is described to the user can be made as it stands.
func TestExamplesOfTheExamples(t *testing.T) {
	for _, name := range []string{"hello", "kv", "old", "current"} {
		s := open(t, name)
		for _, method := range s.Report.MethodNames() {
			if method == "Store.Wait" { // which does
				continue
			}
			m, err := s.Report.Method(method)
			require.NoError(t, err)
			args, _, err := m.Example()
			require.NoError(t, err)
			_, err = call(t, s, method, args...)
			if err != nil {
				require.Equal(t, pingo.Executed, pingo.FateOf(err), "%s: %v", method, err)
			}
			require.False(t, errors.As(err, new(*tool.ArgumentError)), "%s: %v", method, err)
		}
	}
}

func TestCallStopsWhenNobodyListens(t *testing.T) {
	s := open(t, "hello")
	enough := errors.New("enough")
	err := s.Call(t.Context(), "SayHello", []string{`"x"`}, func([]byte) error { return enough })
	require.Equal(t, enough, err)
}

func TestOpenWhatIsNoPlugin(t *testing.T) {
	_, err := tool.Open(t.Context(), tool.Binary{Path: binary("host")})
	require.ErrorAs(t, err, new(*tool.NotPluginError))
	s := open(t, "original")
	_, err = call(t, s, "Plugin.SayHello", `"x"`)
	require.ErrorContains(t, err, "it serves no contract; the types of objects in the style of net/rpc are not known")
}
