package codec

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// word is carried by a pair of functions.
type word struct{ text string }

func encodeWord(w word) ([]byte, error) { return []byte(w.text), nil }

func decodeWord(b []byte) (word, error) {
	if string(b) == "bad" {
		return word{"half"}, errors.New("a bad word")
	}
	return word{string(b)}, nil
}

func encodeWordPointer(w *word) ([]byte, error) { return encodeWord(*w) }

func decodeWordPointer(b []byte) (*word, error) {
	if string(b) == "nil" {
		return nil, nil
	}
	w, err := decodeWord(b)
	return &w, err
}

// ownWord travels by methods of its own.
type ownWord struct{ word }

func (w ownWord) MarshalBinary() ([]byte, error) { return encodeWord(w.word) }

func TestPairWritesWhatAMarshalerWould(t *testing.T) {
	for _, text := range []string{"", "text"} {
		var pair, own Encoder
		EncodeBy(&pair, word{text}, encodeWord)
		own.Marshaled(ownWord{word{text}}.MarshalBinary())
		require.Equal(t, own.Buffer(), pair.Buffer())
		var d Decoder
		d.Reset(pair.Buffer(), false)
		require.Equal(t, word{text}, DecodeBy(&d, decodeWord))
		d.Reset(pair.Buffer(), false)
		require.Equal(t, word{text}, DecodeValueBy(&d, decodeWordPointer))
		require.NoError(t, d.Err())
	}
}

func TestPairOfPointers(t *testing.T) {
	for _, p := range []*word{nil, {""}, {"text"}} {
		var e Encoder
		EncodePointerBy(&e, p, encodeWordPointer)
		var d Decoder
		d.Reset(e.Buffer(), false)
		require.Equal(t, p, DecodePointerBy(&d, decodeWordPointer))
		require.NoError(t, d.Err())
	}
}

func TestPairFails(t *testing.T) {
	var e Encoder
	EncodeBy(&e, word{}, func(word) ([]byte, error) { return nil, errors.New("no words") })
	require.EqualError(t, e.Err(), "encode codec.word: no words")

	for text, want := range map[string]string{"bad": "a bad word", "nil": "the decoder returned nil"} {
		e.Reset(nil)
		e.Bool(true)
		e.Marshaled([]byte(text), nil)
		var d Decoder
		d.Reset(e.Buffer(), false)
		require.NotNil(t, DecodePointerBy(&d, decodeWordPointer))
		require.ErrorContains(t, d.Err(), "decode *codec.word: "+want)
	}
}

// Another version of the message may have no such value.
func TestPairWithoutBytes(t *testing.T) {
	called := func([]byte) (*word, error) { panic("nothing to decode") }
	var d Decoder
	d.Reset([]byte{0}, false)
	require.Equal(t, word{}, DecodeBy(&d, func([]byte) (word, error) { panic("nothing to decode") }))
	d.Reset([]byte{0}, false)
	require.Equal(t, word{}, DecodeValueBy(&d, called))
	d.Reset([]byte{1, 0}, false)
	require.Equal(t, &word{}, DecodePointerBy(&d, called))
	require.NoError(t, d.Err())
	d.Reset([]byte{9, 1}, false)
	require.Equal(t, word{}, DecodeValueBy(&d, called))
	require.Error(t, d.Err())
}

// A decoder may keep its bytes, although the message is used again.
func TestPairKeepsBytes(t *testing.T) {
	var e Encoder
	e.Marshaled([]byte("kept"), nil)
	var d Decoder
	d.Reset(e.Buffer(), false)
	kept := DecodeBy(&d, func(b []byte) ([]byte, error) { return b, nil })
	clear(e.Buffer())
	require.Equal(t, "kept", string(kept))
}

// FuzzPair reads anything as values that pairs carry.
func FuzzPair(f *testing.F) {
	f.Add([]byte{1, 4, 'b', 'a', 'd'})
	f.Add([]byte{1, 4, 'n', 'i', 'l'})
	f.Add([]byte{5, 't', 'e', 'x', 't', 0})
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d Decoder
		d.Reset(msg, false)
		v := DecodeBy(&d, decodeWord)
		p := DecodePointerBy(&d, decodeWordPointer)
		w := DecodeValueBy(&d, decodeWordPointer)
		if d.Err() != nil {
			require.Zero(t, d.Remaining())
			return
		}
		var e Encoder
		EncodeBy(&e, v, encodeWord)
		EncodePointerBy(&e, p, encodeWordPointer)
		EncodeBy(&e, w, encodeWord)
		d.Reset(e.Buffer(), false)
		require.Equal(t, v, DecodeBy(&d, decodeWord))
		require.Equal(t, p, DecodePointerBy(&d, decodeWordPointer))
		require.Equal(t, w, DecodeBy(&d, decodeWord))
	})
}
