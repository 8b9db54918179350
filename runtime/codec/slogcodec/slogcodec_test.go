package slogcodec

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// logged is a record with attributes on the other side.
func logged(t *testing.T, attrs ...slog.Attr) slog.Record {
	t.Helper()
	in := slog.NewRecord(time.Unix(3, 4).UTC(), slog.LevelWarn+1, "message", 99)
	in.AddAttrs(attrs...)
	var e codec.Encoder
	EncodeRecord(&e, in)
	require.NoError(t, e.Err())
	var d codec.Decoder
	d.Reset(e.Buffer(), false)
	got := DecodeRecord(&d)
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

const tooDeep = "(value nested deeper than 1000 levels: a cycle in the data cannot be sent)"

// plain and picky are registered, stranger is not.
type (
	plain struct {
		Name string
		Attr slog.Attr
		At   *slog.Record
	}
	picky    struct{ S string }
	stranger struct{ A int }
)

func (p picky) MarshalText() ([]byte, error) {
	if p.S == "bad" {
		return nil, errors.New("picky sender")
	}
	return []byte(p.S), nil
}

func (p *picky) UnmarshalText(b []byte) error {
	if p.S = string(b); p.S == "worse" {
		return errors.New("picky receiver")
	}
	return nil
}

func init() {
	codec.RegisterType[plain]()
	codec.RegisterType[picky]()
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
		slog.Any("error", io.EOF), slog.Any("bytes", []byte("b")), slog.Any("list", []any{1, int32(2)}), slog.Any("registered", plain{Name: "p", Attr: slog.Int("i", 1)}),
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
	require.Equal(t, tooDeep, got[5].Value.String())
	require.Equal(t, tooDeep, got[6].Value.String())
	require.Equal(t, slog.Int("h", 1), got[7])
}

// What is registered on one side only, or does not decode, is a text that says so.
func TestSlogUnknown(t *testing.T) {
	got := attrsOf(logged(t, slog.Any("a", []any{picky{"worse"}, 1}), slog.Int("b", 2)))
	list := got[0].Value.Any().([]any)
	require.Contains(t, list[0], "(a value of type github.com/pingogen/pingogen/runtime/codec/slogcodec.picky in an any: ")
	require.Contains(t, list[0], "picky receiver")
	require.Equal(t, 1, list[1])
	require.Equal(t, slog.Int("b", 2), got[1])

	var e codec.Encoder
	e.Uint8(23) // as another program's codec writes it
	e.String("example.com/x.Unknown")
	e.Uint64(1)
	e.ByteArray([]byte{1, 0, 0, 0, 42})
	e.Any(plain{})
	var d codec.Decoder
	d.Reset(e.Buffer(), false)
	require.Contains(t, DecodeValue(&d).String(), "(a value of type example.com/x.Unknown in an any: the type is not registered here")
	require.Equal(t, plain{}, d.Any())
	require.NoError(t, d.Err())
	d.Reset(e.Buffer(), false)
	require.Nil(t, d.Any())
	require.Error(t, d.Err()) // elsewhere
}

// Errors within the attributes of a log keep their identity.
func TestSlogErrors(t *testing.T) {
	got := attrsOf(logged(t, slog.Any("err", errors.Join(io.EOF, &fs.PathError{Op: "open", Path: "p", Err: io.ErrClosedPipe}))))
	err := got[0].Value.Any().(error)
	require.ErrorIs(t, err, io.EOF)
	require.ErrorAs(t, err, new(*fs.PathError))
}

// FuzzRecord reads anything as a record.
func FuzzRecord(f *testing.F) {
	r := slog.NewRecord(time.Unix(1, 2), slog.LevelInfo, "m", 0)
	r.Add("a", 1, "b", plain{}, slog.Group("g", "c", picky{"worse"}))
	var e codec.Encoder
	EncodeRecord(&e, r)
	f.Add(e.Buffer())
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d codec.Decoder
		d.Reset(msg, false)
		r := DecodeRecord(&d)
		if d.Err() != nil {
			return
		}
		var e codec.Encoder
		EncodeRecord(&e, r)
		require.NoError(t, e.Err())
	})
}
