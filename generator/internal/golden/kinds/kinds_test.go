package kinds

import (
	"context"
	"errors"
	"io"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/golden/loop"
	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// echo returns what it gets.
type echo struct{}

func (echo) Basics(_ context.Context, v Basics) (Basics, error)          { return v, nil }
func (echo) Named(_ context.Context, v Named) (Named, error)             { return v, nil }
func (echo) Composite(_ context.Context, v Composite) (Composite, error) { return v, nil }
func (echo) Marshaled(_ context.Context, v Marshaled) (Marshaled, error) { return v, nil }
func (echo) Recursive(_ context.Context, node *Node, tree Tree, tables Tables) (*Node, Tree, Tables, error) {
	return node, tree, tables, nil
}
func (echo) Branches(_ context.Context, b Branch) (Many[Branch], error) {
	return Many[Branch]{b, {Leaves: Many[Branch]{b}}}, nil
}
func (echo) Generic(_ context.Context, p Pair[string, int], l []Pair[Level, *Basics]) (Pair[string, int], []Pair[Level, *Basics], error) {
	return p, l, nil
}
func (echo) Partial(_ context.Context, v *Locked, w Skipping, x Empty) (*Locked, Skipping, Empty, error) {
	return v, w, x, nil
}
func (echo) Anonymous(_ context.Context, v struct {
	A int `json:"a"`
	b []string
}) (w struct{ Point other.Point }, err error) {
	w.Point = other.Point{X: v.A, Y: len(v.b)}
	return w, nil
}
func (echo) Errors(_ context.Context, errs []error) (map[string]error, error) {
	m := map[string]error{}
	for _, err := range errs {
		if err != nil {
			m[err.Error()] = err
		}
	}
	return m, errors.Join(errs...)
}
func (echo) Arrays(_ context.Context, v [3]int, w [2][]Level, x [16]byte, y [0]string, z [2][2]other.Point) ([3]int, [2][]Level, [16]byte, [0]string, [2][2]other.Point, error) {
	return v, w, x, y, z, nil
}

// client returns a client of an echo.
func client() *KindsClient {
	a := kindsAdapter{impl: echo{}}
	return &KindsClient{caller: loop.New(&kindsContract, a.anonymous, a.arrays, a.basics, a.branches, a.composite, a.errors,
		a.generic, a.marshaled, a.named, a.partial, a.recursive)}
}

func basics() Basics {
	return Basics{
		Bool: true, Int: math.MinInt, Int8: math.MinInt8, Int16: math.MaxInt16, Int32: math.MinInt32, Int64: math.MaxInt64,
		Uint: math.MaxUint, Uint8: 200, Uint16: math.MaxUint16, Uint32: math.MaxUint32, Uint64: math.MaxUint64,
		Float32: math.MaxFloat32, Float64: math.SmallestNonzeroFloat64, Complex64: 1 - 2i, Complex128: 3 + 4i,
		String: "Grüße", Byte: 'b', Rune: '語', Bytes: []byte{0, 1}, Error: io.EOF,
		Time: time.Date(2024, 2, 29, 12, 0, 0, 1, time.UTC), Duration: time.Hour,
	}
}

func TestBasics(t *testing.T) {
	for _, v := range []Basics{basics(), {}, {Bytes: []byte{}}} {
		got, err := client().Basics(t.Context(), v)
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
}

func TestNamed(t *testing.T) {
	level := Level(7)
	full := Named{
		Level: -1, Flag: true, Text: "text", Blob: Blob{1}, Hash: Hash{31: 9}, Levels: Levels{1, 2},
		Index: Index{"a": Levels{3}, "b": nil, "c": Levels{}}, Ref: &level, Grid: Grid{nil, {4}}, Alias: basics(),
		Set: Set[Text]{"x": true}, Octets: Octets{1, 2}, Other: -5, Tags: other.Tags{"t"}, Point: other.Point{X: 1, Y: 2},
	}
	for _, v := range []Named{full, {}, {Blob: Blob{}, Levels: Levels{}, Index: Index{}, Set: Set[Text]{}}} {
		got, err := client().Named(t.Context(), v)
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
}

func TestComposite(t *testing.T) {
	text, n := "s", 3
	p, level := &n, Level(2)
	full := Composite{
		Names: []string{"", "a"}, Matrix: [][]float64{nil, {}, {1.5}}, Blobs: [][]byte{nil, {}, {1}}, Hashes: []Hash{{1}},
		Counts: map[string]int{"a": 1}, Nested: map[Text]map[int][]Level{"x": {1: {2}, 3: nil}, "y": nil},
		Pointer: &text, Pointers: []**int{&p, nil}, Points: map[other.Point]*other.Point{{X: 1}: {Y: 2}, {}: nil},
		ByTime: map[string]time.Time{"now": time.Unix(1, 2).UTC()}, ByArray: map[[2]int]struct{}{{1, 2}: {}},
		Structs: []struct{ X, Y int }{{1, 2}}, Durations: []time.Duration{1}, Flags: []Flag{true, false},
		Alias: []Alias{basics()}, Inner: Inner{Depth: 1, name: "inner"}, Level: &level,
	}
	for _, v := range []Composite{full, {}} {
		got, err := client().Composite(t.Context(), v)
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
}

func TestMarshaled(t *testing.T) {
	full := Marshaled{
		Token: other.NewToken("x"), Tokens: []other.Token{other.NewToken(""), other.NewToken("y")},
		URL: &url.URL{Scheme: "https", Host: "example.com", Path: "/p"}, Addr: netip.MustParseAddr("::1"),
		ByAddr: map[netip.Addr]string{netip.MustParseAddr("127.0.0.1"): "home"},
		Big:    new(big.Int).Lsh(big.NewInt(1), 200), Amount: *big.NewInt(-42), Gob: Gob{"gob"},
	}
	got, err := client().Marshaled(t.Context(), full)
	require.NoError(t, err)
	require.Equal(t, full, got)

	got, err = client().Marshaled(t.Context(), Marshaled{})
	require.NoError(t, err)
	require.Nil(t, got.URL)
	require.Nil(t, got.Big)
}

func TestRecursiveThroughGeneric(t *testing.T) {
	leaf := Branch{Name: "leaf", Parent: &Pair[string, *Branch]{First: "of", Second: &Branch{Name: "tree"}}}
	got, err := client().Branches(t.Context(), leaf)
	require.NoError(t, err)
	require.Equal(t, Many[Branch]{leaf, {Leaves: Many[Branch]{leaf}}}, got)

	leaf.Parent.Second.Parent = leaf.Parent
	_, err = client().Branches(t.Context(), leaf)
	require.Error(t, err, "a cycle")
}

func TestRecursive(t *testing.T) {
	node := &Node{
		Value: "root", Next: &Node{Value: "next"}, Children: []Node{{Value: "child"}, {}},
		ByName: map[string]*Node{"a": {Value: "b"}, "nil": nil},
	}
	tree, tables := Tree{nil, {}, {nil}}, Tables{"a": {"b": nil}, "c": {}}
	n, tr, ta, err := client().Recursive(t.Context(), node, tree, tables)
	require.NoError(t, err)
	require.Equal(t, node, n)
	require.Equal(t, tree, tr)
	require.Equal(t, tables, ta)
}

func TestCyclesAreErrors(t *testing.T) {
	node := &Node{}
	node.Next = node
	_, _, _, err := client().Recursive(t.Context(), node, nil, nil)
	require.ErrorContains(t, err, "cycle")

	tree := Tree{nil}
	tree[0] = tree
	_, _, _, err = client().Recursive(t.Context(), nil, tree, nil)
	require.ErrorContains(t, err, "cycle")
}

func TestGeneric(t *testing.T) {
	b := basics()
	p, list := Pair[string, int]{"a", 1}, []Pair[Level, *Basics]{{1, &b}, {2, nil}}
	gotP, gotList, err := client().Generic(t.Context(), p, list)
	require.NoError(t, err)
	require.Equal(t, p, gotP)
	require.Equal(t, list, gotList)
}

func TestWhatStaysBehind(t *testing.T) {
	locked := &Locked{Name: "n", Inner: LockedInner{Count: 3}}
	locked.Inner.mu.Lock()
	locked.Mu.mu.Lock()
	got, skipping, _, err := client().Partial(t.Context(), locked, Skipping{Kept: "k", Skipped: func() {}, Last: 4}, Empty{})
	require.NoError(t, err)
	require.NotSame(t, locked, got)
	require.Equal(t, "n", got.Name)
	require.Equal(t, 3, got.Inner.Count)
	require.True(t, got.Inner.mu.TryLock())
	require.True(t, got.Mu.mu.TryLock())
	require.Nil(t, skipping.Skipped)
	require.Equal(t, "k", skipping.Kept)
	require.Equal(t, 4, skipping.Last)

	got, _, _, err = client().Partial(t.Context(), nil, Skipping{}, Empty{})
	require.NoError(t, err)
	require.Nil(t, got)
}

func TestAnonymousArraysAndErrors(t *testing.T) {
	w, err := client().Anonymous(t.Context(), struct {
		A int `json:"a"`
		b []string
	}{1, []string{"x", "y"}})
	require.NoError(t, err)
	require.Equal(t, other.Point{X: 1, Y: 2}, w.Point)

	v, s, x, _, z, err := client().Arrays(t.Context(), [3]int{1, 2, 3}, [2][]Level{{1}, nil}, [16]byte{15: 1}, [0]string{}, [2][2]other.Point{{{X: 1}}, {}})
	require.NoError(t, err)
	require.Equal(t, [3]int{1, 2, 3}, v)
	require.Equal(t, [2][]Level{{1}, nil}, s)
	require.Equal(t, [16]byte{15: 1}, x)
	require.Equal(t, [2][2]other.Point{{{X: 1}}, {}}, z)

	m, err := client().Errors(t.Context(), []error{io.EOF, nil})
	require.ErrorIs(t, err, io.EOF)
	require.ErrorIs(t, m["EOF"], io.EOF)
}
