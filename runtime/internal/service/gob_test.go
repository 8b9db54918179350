package service

import (
	"bytes"
	"encoding/gob"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The types of gob's values here. What is in interfaces is registered.
type (
	chain  struct{ Next *chain }
	nested []nested
	tree   map[string]tree
	boxed  struct{ V any }

	everything struct {
		Bool    bool
		Ints    []int8
		Uint    uint64
		Float   float32
		Complex complex128
		Bytes   []byte
		Array   [3]byte
		Strings map[string][]string
		Chain   chain
		Nested  nested
		Tree    tree
		Pointer **int
		Time    time.Time
		Big     *big.Int
		Any     any
		Anys    []any
		Stranger
	}
	Stranger struct{ Name string }
	richer   struct {
		Before any
		N      int
		List   []boxed
		Chain  *chain
		After  map[any]any
	}
	poorer struct{ N int }
	pair   [2]any
	times  [2]time.Time
	wide   struct{ A [1 << 16]int }
	picky  struct{}
)

func (picky) GobEncode() ([]byte, error) { return []byte{1}, nil }
func (*picky) GobDecode(b []byte) error  { panic("this is not what I expected") }

func init() {
	for _, v := range []any{
		chain{}, nested{}, tree{}, boxed{}, &everything{}, richer{}, pair{}, times{}, []any{}, map[string]any{}, &big.Int{}, time.Time{},
	} {
		gob.Register(v)
	}
}

// gobOf encodes values into one stream.
func gobOf(t testing.TB, values ...any) []byte {
	var b bytes.Buffer
	enc := gob.NewEncoder(&b)
	for _, v := range values {
		require.NoError(t, enc.Encode(v))
	}
	return b.Bytes()
}

// gobValues are values that gob encodes, with receivers that it decodes them into.
func gobValues() [][2]any {
	n, at := 7, time.Unix(1, 0)
	p := &n
	all := everything{
		Bool: true, Ints: []int8{0, -1}, Uint: 1 << 63, Float: 1.5, Complex: 1i, Bytes: []byte("b"), Array: [3]byte{1},
		Strings: map[string][]string{"": nil, "a": {"", "b"}}, Chain: chain{&chain{}}, Nested: nested{{}, {{}}}, Tree: tree{"a": {"b": {}}},
		Pointer: &p, Time: at, Big: big.NewInt(-5), Any: boxed{boxed{richer{N: 1}}},
		Anys: []any{1, nil, []any{nil, "", map[string]any{"a": nil, "b": []any{nil}}}, pair{nil, chain{}}, times{at, at}, big.NewInt(3), at}, Stranger: Stranger{"s"},
	}
	rich := richer{Before: boxed{1}, N: 7, List: []boxed{{1}, {chain{&chain{}}}}, Chain: &chain{&chain{}}, After: map[any]any{1: "a"}}
	return [][2]any{
		{all, &everything{}}, {&all, &everything{}}, {boxed{&all}, &boxed{}}, {[]boxed{{&all}, {all}, {rich}}, &[]boxed{}},
		{boxed{[]any{boxed{all}, boxed{rich}, boxed{chain{&chain{}}}}}, &boxed{}},
		{rich, &poorer{}}, {[]richer{rich, {}}, &[]poorer{}},
		{1, new(int)}, {"s", new(string)}, {[]byte{1}, &[]byte{}}, {at, &time.Time{}}, {pair{1, nil}, &pair{}}, {1i, new(complex64)},
		{[]struct{}{{}, {}}, &[]struct{}{}}, {map[string]int{"a": 1}, &map[string]int{}}, {[0]int{}, &[0]int{}}, {struct{ A struct{} }{}, &struct{ A struct{} }{}},
	}
}

func TestGobReadsWhatGobWrites(t *testing.T) {
	for _, v := range gobValues() {
		b := gobOf(t, v[0])
		want := reflect.New(reflect.TypeOf(v[1]).Elem()).Interface()
		require.NoError(t, gob.NewDecoder(bytes.NewReader(b)).Decode(want), "%T", v[0])
		require.NoError(t, (&Gob{v[1]}).unmarshal(b), "%T", v[0])
		require.Equal(t, want, v[1])
	}
}

func TestGobKeepsToWhatIsDeepEnough(t *testing.T) {
	var deep *chain
	for range maxGobDepth {
		deep = &chain{deep}
	}
	require.NoError(t, (&Gob{new(chain)}).unmarshal(gobOf(t, deep)))
	require.ErrorContains(t, (&Gob{new(chain)}).unmarshal(gobOf(t, chain{deep})), "nested deeper than 10000 levels")
}

// message is one message of a stream, or a part of one.
func gobMessage(parts ...any) []byte {
	b := gobText(parts...)
	return append(appendGobUint(nil, uint64(len(b))), b...)
}

// gobText is made of unsigned numbers (uint64), signed ones (int) and text as it stands.
func gobText(parts ...any) (b []byte) {
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = appendGobInt(b, int64(p))
		case uint64:
			b = appendGobUint(b, p)
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

// Definitions of types, without their ids.
func gobStructOf(fields ...any) []byte { // names and ids
	b := gobText("\x03", "\x01\x00", "\x01", uint64(len(fields)/2))
	for i := 0; i < len(fields); i += 2 {
		name := fields[i].(string)
		b = append(b, gobText("\x01", uint64(len(name)), name, "\x01", fields[i+1].(int), "\x00")...)
	}
	return append(b, 0, 0)
}

func gobSliceOf(elem int) []byte { return gobText("\x02", "\x01\x00", "\x01", elem, "\x00", "\x00") }
func gobMapOf(key, elem int) []byte {
	return gobText("\x04", "\x01\x00", "\x01", key, "\x01", elem, "\x00", "\x00")
}
func gobArrayOf(elem, length int) []byte {
	return gobText("\x01", "\x01\x00", "\x01", elem, "\x01", length, "\x00", "\x00")
}

// gobStream is a message for each definition, whose ids are 64 and so on, and one with the value of a type.
func gobStream(definitions [][]byte, id int, value ...any) (b []byte) {
	for i, d := range definitions {
		b = append(b, gobMessage(-(gobFirstUser+i), d)...)
	}
	return append(b, gobMessage(append([]any{id}, value...)...)...)
}

// TestHostileGob decodes what would end the process, or take its memory, time or stack, if gob got it.
func TestHostileGob(t *testing.T) {
	const deep = 8_000_000
	defs := func(d ...[]byte) [][]byte { return d }
	many := strings.Repeat
	box := gobText("\x01", uint64(len(boxName)), boxName, 64, uint64(1)) // field V of one boxed, and in it another
	chains := [][]byte{}
	for i := range 100_000 {
		chains = append(chains, gobStructOf("Next", 64+(i+1)%100_000))
	}
	slices := [][]byte{}
	for i := range 9_998 {
		slices = append(slices, gobSliceOf(65+(i+1)%9_998))
	}
	slices = append(slices, gobStructOf("N", gobInt), gobStructOf("N", gobInt))
	for name, test := range map[string]struct {
		stream []byte
		into   any
		want   string
	}{
		"pointers":           {gobStream(defs(gobStructOf("Next", 64)), 64, many("\x01", deep)), new(chain), "nested deeper"},
		"slices":             {gobStream(defs(gobSliceOf(64)), 64, "\x00", many("\x01", deep)), new(nested), "nested deeper"},
		"maps":               {gobStream(defs(gobMapOf(gobString, 64)), 64, "\x00", many("\x01\x00", deep)), new(tree), "nested deeper"},
		"interfaces":         {gobStream(defs(gobStructOf("V", gobInterface)), 64, many(string(box), deep/len(box))), new(boxed), "nested deeper"},
		"what is left out":   {gobStream(defs(gobStructOf("N", gobInt, "Next", 64)), 64, many("\x02", deep)), new(poorer), "nested deeper"},
		"a list left out":    {gobStream(defs(gobStructOf("N", gobInt, "X", 65), gobSliceOf(65)), 64, "\x02", many("\x01", deep)), new(poorer), "nested deeper"},
		"an array left out":  {gobStream(defs(gobStructOf("N", gobInt, "X", 65), gobArrayOf(65, 1)), 64, "\x02", many("\x01", deep)), new(poorer), "nested deeper"},
		"a chain of types":   {gobStream(chains, 64, "\x00"), new(chain), "more than 10000 types and fields"},
		"types left out":     {gobStream(append(defs(gobStructOf("N", gobInt, "X", 65)), slices...), 64, "\x01\x02\x00"), new(poorer), "more than 10000 types and fields"},
		"a great map":        {gobStream(defs(gobMapOf(gobInt, gobInt)), 64, "\x00", uint64(1<<33)), new(map[int]int), "length 8589934592 where 0 bytes are left"},
		"a negative map":     {gobStream(defs(gobMapOf(gobInt, gobInt)), 64, "\x00", uint64(1<<63)), new(map[int]int), "length 9223372036854775808"},
		"a map of nothing":   {gobStream(defs(gobStructOf("N", gobInt, "X", 65), gobMapOf(66, 66), gobStructOf()), 64, "\x02", uint64(1<<40)), new(poorer), "length 1099511627776"},
		"a field before all": {gobStream(defs(gobStructOf("N", gobInt, "X", 65), gobStructOf("N", gobInt)), 64, "\x02", "\x01\x02", uint64(1<<63-1)), new(poorer), "a field that its type has not"},
		"a list of much":     {gobStream(defs(gobSliceOf(65), gobStructOf("A", 66), gobArrayOf(gobInt, 1<<16)), 64, "\x00", uint64(1<<20), many("\x00", 1<<20)), new([]wide), "more than 1024 MiB of memory"},
		"a map of much":      {gobStream(defs(gobMapOf(gobInt, 65), gobStructOf("A", 66), gobArrayOf(gobInt, 1<<16)), 64, "\x00", uint64(1<<20), many("\x00", 1<<21)), new(map[int]wide), "more than 1024 MiB of memory"},
		"an endless array":   {gobStream(defs(gobArrayOf(64, 1)), gobInterface, "\x00\x05Hello", 64, "\x01\x00"), new(any), "an array in an interface value is too long"},
		"a panic":            {gobOf(t, picky{}), new(picky), "gob: cannot decode a *service.picky: this is not what I expected"},
		"an unknown name":    {gobStream(nil, gobInterface, "\x00\x05Hello", gobInt, "\x02\x00\x02"), new(any), `name not registered for interface: "Hello"`},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := (&Gob{test.into}).unmarshal(test.stream)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, test.want)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
		})
	}
}

var boxName = reflect.TypeFor[boxed]().PkgPath() + ".boxed" // as gob.Register has it

// FuzzGob decodes anything into anything. What is not refused hurts nobody, and the way
// that was gone is that of package gob: it ends in the same place.
func FuzzGob(f *testing.F) {
	for _, v := range gobValues() {
		f.Add(gobOf(f, v[0]))
		f.Add(gobOf(f, v[0], v[0]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range gobValues() {
			receiver := reflect.TypeOf(v[1])
			w := newGobWalk(b)
			w.walk(receiver)
			stream := bytes.NewReader(b)
			if w.err == nil && gob.NewDecoder(stream).Decode(reflect.New(receiver.Elem()).Interface()) == nil {
				require.Equal(t, stream.Len(), len(w.stream), "%s", receiver)
			}
		}
	})
}
