package codec

import (
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzAny reads anything as a value of any type: no panic, and what was read
// crosses again.
func FuzzAny(f *testing.F) {
	for _, v := range []any{
		nil, 1, "s", []byte("b"), time.Unix(1, 2), []any{1, map[string]any{"a": io.EOF}},
		plain{Name: "a", Nested: &plain{}, Any: []any{number(1)}, Err: io.EOF}, everything{}, tree{{}}, selfish{"a": nil}, picky{"p"}, []string{"a"},
	} {
		var e Encoder
		e.Any(v)
		f.Add(e.Buffer())
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d Decoder
		d.Reset(msg, false)
		v := d.Any()
		require.Zero(t, d.depth)
		var s Decoder
		s.Reset(msg, false)
		s.SkipAny()
		if d.Err() != nil {
			return
		}
		require.NoError(t, s.Err())
		require.Equal(t, d.Remaining(), s.Remaining())
		var e Encoder
		e.Any(v)
		if e.Err() != nil {
			require.ErrorIs(t, e.Err(), errDepth) // errors that arrive as others may be deeper
			return
		}
		again, err := received(e.Buffer())
		require.NoError(t, err)
		require.Equal(t, reflect.TypeOf(v), reflect.TypeOf(again))
	})
}

// TestRandomAny lets random values cross.
func TestRandomAny(t *testing.T) {
	for seed := range uint64(2000) {
		requireSame(t, randomAny(rand.New(rand.NewPCG(seed, 1)), 5))
	}
}

// randomAny draws a value of any type.
func randomAny(r *rand.Rand, depth int) any {
	if depth == 0 || r.IntN(3) == 0 {
		return randomScalar(r)
	}
	n := r.IntN(4)
	child := func() any { return randomAny(r, depth-1) }
	switch r.IntN(9) {
	case 0:
		return make([]any, n)[:0:0]
	case 1:
		m := map[string]any{}
		for i := range n {
			m[fmt.Sprint(i)] = child()
		}
		return m
	case 2:
		return plain{Name: "n", Count: n, Any: child(), Nested: &plain{Any: child()}}
	case 3:
		return &plain{Any: child(), Err: io.EOF}
	case 4:
		return pair[*plain, []any]{&plain{Count: n}, []any{child(), child()}}
	case 5:
		return everything{List: []any{child()}, Text: "t", Inner: struct{ A, B number }{number(n), 2}}
	case 6:
		return tree{{}, nil, {{}}}
	case 7:
		return map[string]string{"a": "b"}
	}
	list := []any{}
	for range n {
		list = append(list, child())
	}
	return list
}

func randomScalar(r *rand.Rand) any {
	n := r.Uint64() >> r.IntN(64)
	return []any{
		nil, n%2 == 0, int(n), int8(n), int16(n), int32(n), int64(n), uint(n), uint8(n), uint16(n), uint32(n), n, float32(n), float64(n),
		complex(float32(n), 1), complex(1, float64(n)), fmt.Sprint(n), []byte(fmt.Sprint(n)), time.Unix(int64(n>>32), 1).UTC(), time.Duration(n),
		io.EOF, number(n), text("t"), blob{byte(n)}, hash{byte(n)}, picky{"x"}, []any(nil), map[string]any(nil), (*plain)(nil), selfish(nil),
	}[r.IntN(30)]
}
