package pingo

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/diagnose"
)

// A host that calls by a contract that does not fit, although it should know, is refused call by call.
func TestCallersThatDoNotFit(t *testing.T) {
	contract := func(signature string, fingerprint uint64) codec.Contract {
		return codec.Contract{Name: "C", Methods: []codec.Method{{Name: "M", Signature: signature, Fingerprint: fingerprint}}}
	}
	own := contract("(n int) ()", 1)
	handler := func(context.Context, *codec.Decoder, *codec.Encoder) error { return nil }
	for _, c := range []struct {
		theirs codec.Contract
		want   string // the error; "" for none
		same   bool   // the handler is not wrapped
	}{
		{contract("(n int) ()", 1), "", true},
		{contract("(m int) ()", 2), "", true},
		{contract("(n int, more bool) ()", 2), "", false},
		{contract("(n string) ()", 2), "contract C: method M: parameter n is int in the plugin and string in the host; " +
			diagnose.Rebuild, false},
		{contract("(", 2), "contract C: method M: its description in the host cannot be read: the signature of M: at byte 1: a type is missing; " +
			diagnose.Rebuild, false},
		{codec.Contract{Name: "D"}, "", true},
	} {
		h, err := newCallers([]codec.Contract{c.theirs}, 100, hostName).adapt(handler, &own, "C.M")
		if c.want != "" {
			require.EqualError(t, err, c.want)
			continue
		}
		require.NoError(t, err)
		var d codec.Decoder
		d.Reset([]byte("\x02\x01"), false)
		require.NoError(t, h(t.Context(), &d, nil))
		require.Equal(t, c.same, d.Remaining() == 2)
	}
}

// Either side calls the other, and each error names the sides by what they are.
func TestMismatchesNameTheSides(t *testing.T) {
	contract := func(signature string, fingerprint uint64) codec.Contract {
		return codec.Contract{Name: "C", Methods: []codec.Method{{Name: "M", Signature: signature, Fingerprint: fingerprint}}}
	}
	mine, theirs := contract("(n int) ()", 1), contract("(n string) ()", 2)
	for other, want := range map[string]string{
		pluginName: "parameter n is string in the plugin and int in the host",
		hostName:   "parameter n is int in the plugin and string in the host",
	} {
		require.ErrorContains(t, newFit(&mine, []codec.Contract{theirs}, other).err, want)
		_, err := newCallers([]codec.Contract{theirs}, 100, other).adapt(nil, &mine, "C.M")
		require.ErrorContains(t, err, want)
	}
}

func TestCallersAreDescribedOnce(t *testing.T) {
	c := newCallers([]codec.Contract{{Name: "A"}}, 100, hostName)
	require.NoError(t, c.add(codec.Contract{Name: "B"}))
	require.EqualError(t, c.add(codec.Contract{Name: "A"}), `the contract "A" was described twice`)
	require.EqualError(t, c.add(codec.Contract{Name: "B"}), `the contract "B" was described twice`)
}
