package schema

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// generator draws two versions of a contract, and values of the older one.
type generator struct {
	*rand.Rand
	older, newer []string // what contract takes
}

// edit is a pair of types: what the writer has, and what the reader makes of it.
type edit struct{ w, r string }

const namedTypes = 4

var basics = []edit{
	{"bool", "bool"}, {"int", "int"}, {"int8", "int32"}, {"Octet", "Wide"}, {"uint16", "uint32"}, {"uint32", "int"},
	{"uint64", "uint"}, {"float32", "float32"}, {"float32", "float64"}, {"complex64", "complex128"}, {"float64", "float64"},
	{"string", "string"}, {"[]byte", "[]byte"}, {"[3]byte", "[3]byte"}, {"[0]byte", "[0]byte"}, {"time.Time", "time.Time"},
	{"error", "error"}, {"any", "any"}, {"slog.Attr", "slog.Attr"}, {"slog.Record", "slog.Record"}, {"struct{}", "struct{}"}, {"[0]int", "[0]int"}, {"Token", "Token"},
}

var keys = []edit{{"int", "int"}, {"Octet", "Wide"}, {"string", "string"}, {"[2]byte", "[2]byte"}, {"[2]Octet", "[2]Wide"}, {"struct{X int8}", "struct{Y float64; X int}"}}

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// typ draws a type; named ones only where the value can end.
func (g *generator) typ(depth int) edit {
	if depth <= 0 {
		return pick(g, basics)
	}
	elem := g.typ(depth - 1)
	if g.IntN(3) == 0 {
		name := fmt.Sprintf("T%d", g.IntN(namedTypes))
		elem = edit{name, name}
	}
	switch g.IntN(7) {
	case 0:
		return edit{"[]" + elem.w, "[]" + elem.r}
	case 1:
		return edit{"*" + elem.w, "*" + elem.r}
	case 2:
		key := pick(g, keys)
		return edit{"map[" + key.w + "]" + elem.w, "map[" + key.r + "]" + elem.r}
	case 3:
		elem = g.typ(depth - 1)
		return edit{"[2]" + elem.w, "[2]" + elem.r}
	case 4:
		return g.structure(depth - 1)
	}
	return pick(g, basics)
}

func (g *generator) structure(depth int) edit {
	w, r := g.fields(depth)
	return edit{"struct{" + strings.Join(w, "; ") + "}", "struct{" + strings.Join(r, "; ") + "}"}
}

// fields draws fields of which some are only on one side, in any order.
func (g *generator) fields(depth int) (w, r []string) {
	for i := range g.IntN(6) {
		f := g.typ(depth)
		if g.IntN(5) > 0 {
			w = append(w, fmt.Sprintf("F%d %s", i, f.w))
		}
		if g.IntN(5) > 0 {
			r = append(r, fmt.Sprintf("F%d %s", i, f.r))
		}
	}
	if g.IntN(2) == 0 {
		g.Shuffle(len(r), func(i, j int) { r[i], r[j] = r[j], r[i] })
	}
	return w, r
}

func (g *generator) contracts() (older, newer *codec.Contract) {
	w, r := g.fields(3)
	both := []string{"Token = encoding.TextMarshaler", "Octet = uint8", "Wide = int16"}
	g.older = append([]string{"(" + strings.Join(w, ", ") + ") ()"}, both...)
	g.newer = append([]string{"(" + strings.Join(r, ", ") + ") ()"}, both...)
	for i := range namedTypes {
		s := g.structure(2)
		g.older = append(g.older, fmt.Sprintf("T%d = %s", i, s.w))
		g.newer = append(g.newer, fmt.Sprintf("T%d = %s", i, s.r))
	}
	return contract(g.older...), contract(g.newer...)
}

// value is a value of any type: a struct is a map by its fields' names, a map is
// a list of pairs, a nil pointer, slice or map is nil.
type value any

// absent is a marshaled value that its writer does not know.
type absent struct{}

// unregistered is a value of a type that this program does not know.
type unregistered struct{}

// draw draws a value.
func (g *generator) draw(t *typ, depth int) value {
	switch t.kind {
	case boolean:
		return g.IntN(2) == 0
	case signed:
		return int64(g.Uint64()) >> (64 - t.bits) >> g.IntN(t.bits)
	case unsigned:
		return g.Uint64() >> (64 - t.bits) >> g.IntN(t.bits)
	case float, complexNumber:
		return complex(float64(g.Float32()), float64(g.Float32()))
	case text, marshaled:
		return strings.Repeat("x", g.IntN(200))
	case bytes:
		if g.IntN(3) == 0 {
			return nil
		}
		return strings.Repeat("b", g.IntN(3))
	case byteArray:
		return strings.Repeat("a", int(t.length))
	case instant:
		return time.Unix(g.Int64N(1e9), g.Int64N(1e9)).UTC()
	case failure:
		return pick(g, []value{nil, fmt.Errorf("%w", fmt.Errorf("cause"))})
	case dynamic:
		return pick(g, []value{nil, "x", int32(g.IntN(1000)), time.Hour, []any{1, map[string]any{"a": 2.5}}, fmt.Errorf("%w", io.EOF), unregistered{}})
	case array:
		return []value{g.draw(t.elem, depth), g.draw(t.elem, depth)}[:t.length]
	case structure:
		return g.drawFields(t.fields, depth)
	}
	if depth <= 0 || g.IntN(4) == 0 { // a slice, a map or a pointer
		return nil
	}
	if t.kind == pointer {
		return []value{g.draw(t.elem, depth-1)}
	}
	list := []value{}
	for range g.IntN(3) {
		if t.kind == mapping {
			list = append(list, g.draw(t.key, depth-1))
		}
		list = append(list, g.draw(t.elem, depth-1))
	}
	return list
}

func (g *generator) drawFields(fields []field, depth int) value {
	m := map[string]value{}
	for _, f := range fields {
		m[f.name] = g.draw(f.typ, depth)
	}
	return m
}

// encode writes a value as generated code does.
func encode(e *codec.Encoder, t *typ, v value) {
	switch t.kind {
	case boolean:
		e.Bool(v.(bool))
	case signed:
		e.Int64(v.(int64))
	case unsigned:
		e.Uint64(v.(uint64))
	case float:
		if t.bits == 32 {
			e.Float32(float32(real(v.(complex128))))
			return
		}
		e.Float64(real(v.(complex128)))
	case complexNumber:
		if t.bits == 64 {
			e.Complex64(complex64(v.(complex128)))
			return
		}
		e.Complex128(v.(complex128))
	case text:
		e.String(v.(string))
	case marshaled:
		if v == (absent{}) {
			e.Empty()
			return
		}
		e.Marshaled([]byte(v.(string)), nil)
	case bytes:
		if v == nil {
			e.Bytes(nil)
			return
		}
		e.Bytes(append([]byte{}, v.(string)...))
	case byteArray:
		e.ByteArray([]byte(v.(string)))
	case instant:
		e.Time(v.(time.Time))
	case failure:
		err, _ := v.(error)
		e.Error(err)
	case dynamic:
		if v == (unregistered{}) {
			e.Uint8(23) // as another program's codec writes it
			e.String("example.com/other.Type")
			e.Uint64(1 << 63)
			e.ByteArray([]byte{3, 0, 0, 0, 1, 2, 3})
			return
		}
		e.Any(v)
	case structure:
		encodeFields(e, t.fields, v)
	default:
		encodeList(e, t, v)
	}
}

func encodeFields(e *codec.Encoder, fields []field, v value) {
	if len(fields) == 0 {
		e.Empty()
	}
	for _, f := range fields {
		encode(e, f.typ, v.(map[string]value)[f.name])
	}
}

func encodeList(e *codec.Encoder, t *typ, v value) {
	list, _ := v.([]value)
	switch {
	case v == nil:
		e.Empty()
		return
	case t.kind == array && t.length == 0:
		e.Empty()
	case t.kind == slice || t.kind == pointer:
		e.Uint64(uint64(len(list)) + map[kind]uint64{slice: 1}[t.kind])
	case t.kind == mapping:
		e.Uint64(uint64(len(list)/2) + 1)
	}
	for i, elem := range list {
		if t.kind == mapping && i%2 == 0 {
			encode(e, t.key, elem)
		} else {
			encode(e, t.elem, elem)
		}
	}
}

// convert says what the reader should see, by other means than a plan.
func convert(w, r *typ, v value) value {
	switch {
	case w == nil:
		return zeroOf(r)
	case r.kind == signed && w.kind == unsigned:
		return int64(v.(uint64))
	case r.kind == structure:
		return convertFields(w.fields, r.fields, v)
	case r.elem == nil || v == nil:
		return v
	}
	list := []value{}
	for i, elem := range v.([]value) {
		if r.kind == mapping && i%2 == 0 {
			list = append(list, convert(w.key, r.key, elem))
		} else {
			list = append(list, convert(w.elem, r.elem, elem))
		}
	}
	return list
}

func convertFields(w, r []field, v value) value {
	m := map[string]value{}
	for _, f := range r {
		m[f.name] = zeroOf(f.typ)
		for _, old := range w {
			if old.name == f.name {
				m[f.name] = convert(old.typ, f.typ, v.(map[string]value)[f.name])
			}
		}
	}
	return m
}

func zeroOf(t *typ) value {
	switch t.kind {
	case boolean:
		return false
	case signed:
		return int64(0)
	case unsigned:
		return uint64(0)
	case float, complexNumber:
		return complex128(0)
	case text:
		return ""
	case marshaled:
		return absent{}
	case byteArray:
		return strings.Repeat("\x00", int(t.length))
	case instant:
		return time.Time{}
	case structure:
		return convertFields(nil, t.fields, nil)
	case array:
		return []value{zeroOf(t.elem), zeroOf(t.elem)}[:t.length]
	}
	return nil
}

// checkRandom draws two versions of a contract, and a message of the older one.
func checkRandom(t *testing.T, seed uint64) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	older, newer := g.contracts()
	w, err := New(older, "").method("M")
	require.NoError(t, err)
	r, err := New(newer, "").method("M")
	require.NoError(t, err)
	plan, mismatches := Arguments(New(older, ""), New(newer, ""), "M")
	if renamed(w.params, r.params) {
		return // TestCompareParameters has such
	}
	require.Empty(t, mismatches, "%q to %q", g.older, g.newer)

	v := g.drawFields(w.params, 5)
	var wrote, want codec.Encoder
	for _, p := range w.params {
		encode(&wrote, p.typ, v.(map[string]value)[p.name])
	}
	expected := convertFields(w.params, r.params, v)
	for _, p := range r.params {
		encode(&want, p.typ, expected.(map[string]value)[p.name])
	}
	rest := []byte("what follows")
	msg := append(wrote.Buffer(), rest...)
	got := msg
	if plan != nil {
		got, err = plan.Rewrite(msg, 1<<20)
		require.NoError(t, err)
	}
	require.Equal(t, append(want.Buffer(), rest...), got, "%q to %q: %v", g.older, g.newer, v)
	hostile(t, g, plan, wrote.Buffer())
}

// renamed tells whether position makes a pair of two parameters.
func renamed(w, r []field) bool {
	for j, i := range match(w, r, true) {
		if i >= 0 && w[i].name != r[j].name {
			return true
		}
	}
	return false
}

// hostile rewrites messages that are cut off, or changed somewhere.
func hostile(t *testing.T, g *generator, plan *Plan, msg []byte) {
	if plan == nil || len(msg) == 0 {
		return
	}
	_, _ = plan.Rewrite(msg[:g.IntN(len(msg))], 1<<16)
	for range 3 {
		msg[g.IntN(len(msg))] ^= byte(1 << g.IntN(8))
	}
	out, err := plan.Rewrite(msg, 1<<16)
	require.LessOrEqual(t, len(out), 1<<16)
	require.True(t, (out == nil) == (err != nil))
}

// Whatever the two versions are, the reader sees what it should.
func TestRandomPlans(t *testing.T) {
	for seed := range uint64(5000) {
		checkRandom(t, seed)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkRandom)
}
