package record_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/examples/callbacks/words"
	"github.com/pingogen/pingogen/examples/kv/kv"
	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/pingotest"
	"github.com/pingogen/pingogen/runtime/record"
)

func start(t *testing.T, example string, r *record.Recorder) *pingo.Plugin {
	path := pingotest.Build(t, "github.com/pingogen/pingogen/examples/"+example)
	p := pingo.New(pingo.Config{Path: path, StartTimeout: time.Minute, Intercept: []pingo.Interceptor{r.Intercept}})
	p.Start()
	t.Cleanup(p.Stop)
	return p
}

func TestRecorder(t *testing.T) {
	r := record.New(3)
	store := kv.NewStoreClient(start(t, "kv/cmd/kv-plugin", r))
	for _, key := range []string{"dropped", "a", "b"} { // what is beyond the limit is forgotten
		_, err := store.Get(t.Context(), key)
		require.ErrorIs(t, err, kv.ErrNotFound)
	}
	_, err := store.Apply(t.Context(), []kv.Operation{{Item: kv.Item{Key: "a", Value: []byte("<1>")}}})
	require.NoError(t, err)

	path := filepath.Join(t.TempDir(), "calls.json")
	require.NoError(t, r.Save(path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	calls, err := record.Read(bytes.NewReader(text))
	require.NoError(t, err)
	require.Len(t, calls, 3)
	require.Equal(t, "Store.Get", calls[0].Method)
	require.Equal(t, []json.RawMessage{[]byte(`"a"`)}, calls[0].Args)
	require.Equal(t, `kv: not found: "a"`, calls[0].Error)
	require.Equal(t, "executed", calls[0].Fate)
	require.Positive(t, calls[0].Took)
	require.JSONEq(t, `[{"Key":"a","Revision":1,"Existed":false}]`, string(calls[2].Result))
	require.Empty(t, calls[2].Error)
}

// What cannot be made again is there, and says why.
func TestRecorderSkips(t *testing.T) {
	r := record.New(10)
	counts, err := words.NewCounterClient(start(t, "callbacks/cmd/words-plugin", r)).Count(t.Context(), strings.NewReader("a"), nil)
	require.NoError(t, err)
	require.NoError(t, counts.Close())
	var b bytes.Buffer
	_, err = r.WriteTo(&b)
	require.NoError(t, err)
	calls, err := record.Read(&b)
	require.NoError(t, err)
	require.Len(t, calls, 1)
	require.Equal(t, "something is passed by reference", calls[0].Skipped)
}

func FuzzRead(f *testing.F) {
	f.Add(`{"method":"A.B","args":[1],"fate":"executed"}`)
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		calls, err := record.Read(strings.NewReader(text))
		if err == nil && len(calls) > 0 {
			require.NotEmpty(t, calls[0].Method)
		}
	})
}
