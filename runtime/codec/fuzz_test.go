package codec

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDecoder reads anything as any value: no panic, and what was read once is
// written and read again as the same.
func FuzzDecoder(f *testing.F) {
	all := values()
	for i, v := range all {
		var e Encoder
		v.encode(&e)
		f.Add(uint8(i), false, e.Buffer())
	}
	f.Fuzz(func(t *testing.T, which uint8, owned bool, msg []byte) {
		v := all[int(which)%len(all)]
		var d Decoder
		d.Reset(msg, owned)
		v.decode(&d)
		require.LessOrEqual(t, d.pos, len(msg))
		if d.Err() != nil {
			require.Zero(t, d.Remaining())
		}
	})
}

func FuzzContract(f *testing.F) {
	var e Encoder
	e.Message(&Contract{"A", "b", []Method{{Name: "M", Signature: "()", Fingerprint: 1}}, []Type{{"T", "int"}}})
	f.Add(e.Buffer())
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d Decoder
		d.Reset(msg, false)
		var c, again Contract
		if d.Message(&c) != nil {
			return
		}
		var e Encoder
		e.Message(&c)
		d.Reset(e.Buffer(), false)
		require.NoError(t, d.Message(&again))
		require.Equal(t, c, again)
	})
}

// FuzzRecursive reads anything as a recursive type.
func FuzzRecursive(f *testing.F) {
	f.Add([]byte{1, 1, 0})
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d Decoder
		d.Reset(msg, false)
		decodeNode(&d)
		require.Zero(t, d.depth)
	})
}

// FuzzVarint reads what binary.Uvarint does.
func FuzzVarint(f *testing.F) {
	for _, v := range []uint64{0, 1<<7 - 1, 1 << 7, 1 << 14, 1 << 21, 1 << 28, 1<<35 - 1, 1 << 35, math.MaxUint64} {
		f.Add(binary.AppendUvarint(nil, v))
		f.Add(append(binary.AppendUvarint(nil, v), "beyond"...))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d Decoder
		d.Reset(msg, false)
		v := d.Uint64()
		want, n := binary.Uvarint(msg)
		if n <= 0 {
			require.Error(t, d.Err())
			return
		}
		require.NoError(t, d.Err())
		require.Equal(t, want, v)
		require.Equal(t, n, d.pos)
	})
}
