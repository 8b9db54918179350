package codec

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// logged is a record with attributes on the other side.
func logged(t *testing.T, attrs ...slog.Attr) slog.Record {
	t.Helper()
	in := slog.NewRecord(time.Unix(3, 4).UTC(), slog.LevelWarn+1, "message", 99)
	in.AddAttrs(attrs...)
	var e Encoder
	e.SlogRecord(in)
	require.NoError(t, e.Err())
	var d Decoder
	d.Reset(e.Buffer(), false)
	got := d.SlogRecord()
	require.NoError(t, d.Err())
	require.Zero(t, d.Remaining())
	require.Equal(t, in.Time, got.Time)
	require.Equal(t, in.Level, got.Level)
	require.Equal(t, in.Message, got.Message)
	require.Zero(t, got.PC) // an address of another process
	require.Equal(t, len(attrs), got.NumAttrs())
	return got
}

func attrsOf(r slog.Record) (list []slog.Attr) {
	r.Attrs(func(a slog.Attr) bool {
		list = append(list, a)
		return true
	})
	return list
}

// valuer is resolved before it is sent.
type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

// endless is never resolved.
type endless struct{}

func (endless) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", endless{}), slog.Any("b", endless{}))
}

func TestSlogKinds(t *testing.T) {
	attrs := []slog.Attr{
		slog.Bool("bool", true), slog.Duration("duration", time.Second), slog.Float64("float", 1.5), slog.Int64("int", -1), slog.Uint64("uint", 1),
		slog.String("string", "s"), slog.Time("time", time.Unix(1, 2).UTC()), slog.Time("zero", time.Time{}), slog.Any("nil", nil), {},
		slog.Any("error", io.EOF), slog.Any("bytes", []byte("b")), slog.Any("list", []any{1, int32(2)}), slog.Any("registered", plain{Name: "p"}),
		slog.Group("group", slog.Int("a", 1), slog.Group("inner", slog.String("b", "c")), slog.Group("empty")),
	}
	got := attrsOf(logged(t, attrs...))
	for i, a := range attrs {
		require.Equal(t, a.Key, got[i].Key)
		require.Equal(t, a.Value.Kind(), got[i].Value.Kind(), a.Key)
		require.Equal(t, a.Value.Any(), got[i].Value.Any(), a.Key)
	}
	require.Empty(t, attrsOf(logged(t)))
}

func TestSlogValuer(t *testing.T) {
	got := attrsOf(logged(t, slog.Any("a", valuer{slog.IntValue(1)}), slog.Group("g", slog.Any("b", valuer{slog.GroupValue(slog.Any("c", valuer{slog.StringValue("d")}))}))))
	require.Equal(t, []slog.Attr{slog.Int("a", 1), slog.Group("g", slog.Group("b", slog.String("c", "d")))}, got)
}

// What cannot be sent is sent as its text.
func TestSlogUnregistered(t *testing.T) {
	cycle := []any{nil}
	cycle[0] = cycle
	got := attrsOf(logged(t, slog.Any("a", stranger{1}), slog.Any("b", &stranger{2}), slog.Any("c", []any{stranger{3}}), slog.Any("d", func() {}),
		slog.Any("e", picky{"bad"}), slog.Any("f", cycle), slog.Any("g", endless{}), slog.Int("h", 1)))
	require.Equal(t, []slog.Attr{slog.String("a", "{A:1}"), slog.String("b", "&{A:2}"), slog.String("c", "[{A:3}]")}, got[:3])
	require.Contains(t, got[3].Value.String(), "0x")
	require.Equal(t, slog.String("e", "{S:bad}"), got[4])
	require.Equal(t, "("+errDepth.Error()+")", got[5].Value.String())
	require.Equal(t, "("+errDepth.Error()+")", got[6].Value.String())
	require.Equal(t, slog.Int("h", 1), got[7])
}

// What is registered on one side only, or does not decode, is a text that says so.
func TestSlogUnknown(t *testing.T) {
	got := attrsOf(logged(t, slog.Any("a", []any{picky{"worse"}, 1}), slog.Int("b", 2)))
	list := got[0].Value.Any().([]any)
	require.Contains(t, list[0], "(a value of type github.com/pingogen/pingogen/runtime/codec.picky in an any: ")
	require.Contains(t, list[0], "picky receiver")
	require.Equal(t, 1, list[1])
	require.Equal(t, slog.Int("b", 2), got[1])

	var e Encoder
	e.Uint8(anyRegistered)
	e.String("example.com/x.Unknown")
	e.Uint64(1)
	e.buf = append(e.buf, 1, 0, 0, 0, 42)
	e.Any(plain{})
	var d Decoder
	d.Reset(e.Buffer(), false)
	require.Contains(t, d.SlogValue().String(), "(a value of type example.com/x.Unknown in an any: the type is not registered here")
	require.Equal(t, plain{}, d.Any())
	require.NoError(t, d.Err())
	d.Reset(e.Buffer(), false)
	require.Nil(t, d.Any())
	require.Error(t, d.Err()) // elsewhere
}

// Errors within the attributes of a log keep their identity.
func TestSlogErrors(t *testing.T) {
	got := attrsOf(logged(t, slog.Any("err", errors.Join(io.EOF, &coded{3}))))
	err := got[0].Value.Any().(error)
	require.ErrorIs(t, err, io.EOF)
	require.EqualError(t, err, "EOF\ncode 3")
}
