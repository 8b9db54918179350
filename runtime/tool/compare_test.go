package tool_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/description"
	"github.com/pingogen/pingogen/runtime/tool"
)

// contract reads "Store.Put(item Item) ()" and "Item = struct{Key string}".
func contract(t *testing.T, lines ...string) []description.Contract {
	c := description.Contract{Name: "Store", Package: "example.com/store"}
	for _, line := range lines {
		if name, definition, ok := strings.Cut(line, " = "); ok {
			c.Types = append(c.Types, description.Type{Name: name, Definition: definition})
			continue
		}
		name, signature, ok := strings.Cut(line, "(")
		require.True(t, ok)
		c.Methods = append(c.Methods, description.Method{Name: name, Signature: "(" + signature})
	}
	for i, m := range c.Methods {
		c.Methods[i].Fingerprint = description.Fingerprint(codec.Fingerprint(m.Name, m.Signature, c.Codec().Types))
	}
	return []description.Contract{c}
}

func TestCompare(t *testing.T) {
	type lines = []string
	for _, c := range []struct {
		before, after    lines
		oldHost, newHost int
		text             string // is part of the output
	}{
		{lines{"M() ()"}, lines{"M() ()"}, 0, 0, "The contracts are the same.\n"},
		{lines{"M() ()"}, lines{"M() ()", "N() ()"}, 0, 0, "contract Store: changed\n  + N() ()\n\nNothing breaks: old and new hosts work with old and new plugins.\n"},
		{lines{"M() ()", "N() ()"}, lines{"M() ()"}, 1, 0, "  - N() ()\n      breaks old hosts with new plugins: the plugin lacks the method: calls fail with pingo.ErrUnimplemented\n\nOld hosts with new plugins: calls of 1 method fail, all others work.\nNew hosts with old plugins: nothing breaks.\n"},
		{lines{"M() ()", "N() ()", "O(n int32) ()"}, lines{"M() ()", "O(n int64) ()"}, 1, 1, "\n\nOld hosts with new plugins: calls of 1 method fail, all others work.\nNew hosts with old plugins: Store is refused as a whole: the start fails, or else every call of it, until both are built from versions that fit.\n"},
		{lines{"M() ()", "N() ()", "O() (int32)"}, lines{"O() (int64)"}, 3, 0, "\n\nOld hosts with new plugins: Store is refused as a whole: the start fails, or else every call of it, until both are built from versions that fit.\nNew hosts with old plugins: nothing breaks.\n"},
		{lines{"M(n int32) ()"}, lines{"M(n int64) ()"}, 0, 1, "breaks new hosts with old plugins: parameter n is int64 in the host and int32 in the plugin\n"},
		{lines{"M() (int32)"}, lines{"M() (int64)"}, 1, 0, "breaks old hosts with new plugins: result 1 is int32 in the host and int64 in the plugin\n"},
		{lines{"M(a Item) ()", "Item = struct{Key string}"}, lines{"M(a Item) ()", "Item = struct{Key string; Size int}"}, 0, 0, "    M(a Item) ()\n  - type Item struct{Key string}\n  + type Item struct{Key string; Size int}\n"},
		{lines{"M(a Item) ()", "Item = struct{Key string}"}, lines{"M(a Entry) ()", "Entry = struct{Key []byte}"}, 1, 1, "parameter a: field Item.Key is string in the host, and parameter a: field Entry.Key is []byte in the plugin\n"},
		{lines{"M(f func(int)) ()"}, lines{"M(f func(string)) ()"}, 1, 1, "parameter f: parameter 1 is int in the host and string in the plugin\n"},
		{lines{"M(f func(int)) ()"}, lines{"M(f func(int64, bool)) ()"}, 1, 1, "parameter f is func(int) in the host and func(int64, bool) in the plugin: what is passed by reference is not converted\n"},
		{lines{"M(c chan int) ()"}, lines{"M(c chan int, n int) ()"}, 1, 1, "parameter c is chan int on both sides: a method with chan int in it has to be the same on both sides\n"},
		{lines{"M() (bad"}, lines{"M() ()"}, 1, 1, "its description in the host cannot be read"},
	} {
		got := tool.Compare(contract(t, c.before...), contract(t, c.after...))
		var out bytes.Buffer
		require.NoError(t, got.WriteText(&out))
		require.Contains(t, out.String(), c.text)
		oldHost, newHost := got.Breaks()
		require.Equal(t, [2]int{c.oldHost, c.newHost}, [2]int{oldHost, newHost}, out.String())
	}
}

func TestCompareContracts(t *testing.T) {
	store := contract(t, "M() ()")
	got := tool.Compare(store, nil)
	require.Equal(t, tool.Removed, got.Contracts[0].Change)
	require.Equal(t, "Store", got.Contracts[0].Name)
	oldHost, newHost := got.Breaks()
	require.Equal(t, [2]int{1, 0}, [2]int{oldHost, newHost})
	requireText(t, "\n\nOld hosts with new plugins: calls of 1 method fail, all others work.\n", got)
	got = tool.Compare(nil, store)
	require.Equal(t, tool.Added, got.Contracts[0].Change)
	oldHost, newHost = got.Breaks()
	require.Equal(t, [2]int{0, 0}, [2]int{oldHost, newHost})
	documented := contract(t, "M() ()")
	documented[0].Doc, documented[0].Methods[0].Doc = "other", "words"
	require.Empty(t, tool.Compare(store, documented).Contracts)
}

// What one contract does not fit for is no matter to the others.
func TestCompareSeveral(t *testing.T) {
	named := func(name, method string) description.Contract {
		c := contract(t, method, "Gone() ()")[0]
		c.Name = name
		return c
	}
	before := []description.Contract{named("A", "M(n int) ()"), named("B", "M() ()"), named("C", "M(n int) ()")}
	after := []description.Contract{contract(t, "M(n string) ()")[0], named("B", "M() ()"), contract(t, "M(n string) ()")[0]}
	after[0].Name, after[2].Name = "A", "C"
	requireText(t, "\n\nOld hosts with new plugins: A and C are refused as a whole: the start fails, or else every call of them, until both are built from versions that fit.\n"+
		"New hosts with old plugins: A and C are refused as a whole", tool.Compare(before, after))
	after[1].Methods = after[1].Methods[1:] // without M
	requireText(t, "that fit. Of other contracts, calls of 1 method fail.\nNew", tool.Compare(before, after))
}

func requireText(t *testing.T, want string, c *tool.Comparison) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, c.WriteText(&out))
	require.Contains(t, out.String(), want)
}

// The versions of the example fit, whichever way they are named.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	r, err := tool.Inspect(t.Context(), tool.Binary{Path: binary("current")}, false)
	require.NoError(t, err)
	text := filepath.Join(dir, "store.txt")
	require.NoError(t, os.WriteFile(text, []byte(r.Contracts[0].String()), 0o600))
	for _, name := range []string{binary("current"), text, "../../examples/versions/v2", "github.com/pingogen/pingogen/examples/versions/v2"} {
		got, err := tool.Load(t.Context(), name, 0)
		require.NoError(t, err, name)
		require.Equal(t, r.Contracts, got, name)
	}
	for content, want := range map[string]string{
		"contract x": "line 1: ",
		"{":          "not the JSON of pingogen inspect",
	} {
		require.NoError(t, os.WriteFile(text, []byte(content), 0o600))
		_, err = tool.Load(t.Context(), text, 0)
		require.ErrorContains(t, err, want)
	}
	for name, want := range map[string]string{
		dir:                       "has no generated code that describes a contract; run go generate there",
		"no/such/package":         "no/such/package is neither a file nor a package: ",
		dir + "@HEAD":             "not a git repository",
		"../tool@--output=x":      `"--output=x" is no revision`,
		"../tool@no-such-version": "no-such-version",
	} {
		_, err := tool.Load(t.Context(), name, 0)
		require.ErrorContains(t, err, want, fmt.Sprint(name))
	}
}
