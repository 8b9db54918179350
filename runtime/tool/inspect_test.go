package tool_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/description"
	"github.com/pingogen/pingogen/runtime/tool"
)

// What a binary says, and what its plugin says when it is asked, are the same.
func TestInspectExamples(t *testing.T) {
	for name, contract := range map[string]string{"hello": "Greeter", "kv": "Store", "words": "Counter", "counter": "Counter", "old": "Store", "current": "Store"} {
		t.Run(name, func(t *testing.T) {
			read, err := tool.Inspect(t.Context(), tool.Binary{Path: binary(name)}, false)
			require.NoError(t, err)
			require.Equal(t, tool.FromBinary, read.Source)
			require.Len(t, read.Contracts, 1)
			require.Equal(t, contract, read.Contracts[0].Name)
			for _, m := range read.Contracts[0].Methods {
				require.NotEmpty(t, m.Go)
				require.NotZero(t, m.Fingerprint)
			}
			require.Equal(t, 1, read.Protocol)
			require.NotEmpty(t, read.Go)
			require.NotEmpty(t, read.System)
			require.Equal(t, "github.com/pingogen/pingogen", read.Module)

			asked, err := tool.Inspect(t.Context(), tool.Binary{Path: binary(name)}, true)
			require.NoError(t, err)
			require.Equal(t, tool.FromHandshake, asked.Source)
			asked.Source = tool.FromBinary
			require.Equal(t, read, asked)
		})
	}
}

func TestInspectObjects(t *testing.T) {
	r, err := tool.Inspect(t.Context(), tool.Binary{Path: binary("original")}, false)
	require.NoError(t, err)
	require.Equal(t, tool.FromHandshake, r.Source)
	require.Empty(t, r.Contracts)
	require.Equal(t, []string{"Plugin"}, r.Objects)
	var out bytes.Buffer
	require.NoError(t, r.WriteText(&out))
	require.Contains(t, out.String(), "asked of the plugin, which was started and stopped")
}

func TestInspectJSON(t *testing.T) {
	r, err := tool.Inspect(t.Context(), tool.Binary{Path: binary("kv")}, false)
	require.NoError(t, err)
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var again tool.Report
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, r, &again)
}

func TestInspectRunsNothingThatIsNoPlugin(t *testing.T) {
	_, err := tool.Inspect(t.Context(), tool.Binary{Path: binary("host")}, false)
	var not *tool.NotPluginError
	require.ErrorAs(t, err, &not)
	require.ErrorContains(t, err, "it is a host, or always ends or panics before; name the plugin's binary")

	self, err := os.Executable() // which has no Register function
	require.NoError(t, err)
	_, err = tool.Inspect(t.Context(), tool.Binary{Path: self}, false)
	require.ErrorAs(t, err, &not)
}

func TestInspectFilesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	_, err := tool.Inspect(t.Context(), tool.Binary{Path: dir}, false)
	require.ErrorContains(t, err, "is a directory")
	_, err = tool.Inspect(t.Context(), tool.Binary{Path: os.DevNull}, false)
	require.Error(t, err)
	if runtime.GOOS != "windows" {
		require.EqualError(t, err, os.DevNull+" is no regular file; name the plugin's binary")
	}
	_, err = tool.Inspect(t.Context(), tool.Binary{Path: "no-such-plugin"}, false)
	require.EqualError(t, err, "no-such-plugin: there is no such file, neither here nor in $PATH")

	// What is there of a binary that was cut off may be all, or the half of it.
	whole, err := os.ReadFile(binary("hello"))
	require.NoError(t, err)
	cut := filepath.Join(dir, "cut")
	for _, missing := range []int{100, len(whole) / 10, len(whole) - 10_000} {
		require.NoError(t, os.WriteFile(cut, whole[:len(whole)-missing], 0o600))
		_, err = tool.Inspect(t.Context(), tool.Binary{Path: cut}, false)
		require.ErrorAs(t, err, new(*tool.NotPluginError))
		require.EqualError(t, err, cut+": it is damaged: a part of it is missing; build or copy it again")
	}
}

// What somebody else has written does not reach the terminal as commands.
func TestTextsArePrintable(t *testing.T) {
	odd := description.Contract{
		Name: "A", Package: "p\x1b[2J", Doc: "Red: \x1b[31m.\r\nTab:\t\u009b.\n",
		Methods: []description.Method{{Name: "M", Signature: "() ()", Doc: "\x07 ü \xff\n"}},
	}
	var out strings.Builder
	require.NoError(t, (&tool.Report{Path: "x", Contracts: []description.Contract{odd}}).WriteText(&out))
	require.Contains(t, out.String(), "contract A of p\\x1b[2J\n    Red: \\x1b[31m.\n    Tab:\t\\x9b.\n\n  M() ()  0x0000000000000000\n    \\x07 ü \ufffd\n")
	out.Reset()
	require.NoError(t, tool.Compare(nil, []description.Contract{{Name: "A\x1b"}}).WriteText(&out))
	require.Contains(t, out.String(), "contract A\\x1b: added\n")
	d := &tool.Diagnosis{Path: "x", Problem: "it exited", Output: []string{"\x1b[1mbold"}}
	require.Contains(t, d.String(), "\n\t\\x1b[1mbold")
}
