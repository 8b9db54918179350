package codec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func crossed(t testing.TB, err error) error {
	var e Encoder
	e.Error(err)
	require.NoError(t, e.Err())
	var d Decoder
	d.Reset(e.Buffer(), false)
	got := d.Error()
	require.NoError(t, d.Err())
	require.Zero(t, d.Remaining())
	return got
}

func TestNilError(t *testing.T) { require.NoError(t, crossed(t, nil)) }

func TestSentinelsAreTheSameVariable(t *testing.T) {
	for name, s := range sentinels {
		require.True(t, crossed(t, s) == s, name)
		wrapped := crossed(t, fmt.Errorf("a: %w", fmt.Errorf("b: %w", s)))
		require.ErrorIs(t, wrapped, s)
		require.EqualError(t, wrapped, "a: b: "+s.Error())
	}
}

func TestErrorTreesKeepTheirShape(t *testing.T) {
	in := fmt.Errorf("top: %w", errors.Join(
		errors.New("left"),
		fmt.Errorf("right: %w and %w", io.EOF, &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist}),
	))
	got := crossed(t, in)
	require.Equal(t, in.Error(), got.Error())
	require.ErrorIs(t, got, io.EOF)
	require.ErrorIs(t, got, fs.ErrNotExist)
	require.NotErrorIs(t, got, context.Canceled)
	joined := errors.Unwrap(got)
	require.Len(t, joined.(interface{ Unwrap() []error }).Unwrap(), 2)

	again := crossed(t, got)
	require.Equal(t, got, again, "an error that is passed on stays what it was")
}

func TestRemoteErrorTellsTheType(t *testing.T) {
	for _, in := range []error{errors.New("x"), fmt.Errorf("x: %w", io.EOF), errors.Join(io.EOF, io.EOF)} {
		var remote *RemoteError
		require.ErrorAs(t, crossed(t, in), &remote)
		require.Equal(t, fmt.Sprintf("%T", in), remote.Type)
		require.Equal(t, in.Error(), remote.Error())
	}
}

type nilWrapper struct{}

func (nilWrapper) Error() string { return "wraps nothing" }
func (nilWrapper) Unwrap() error { return nil }

func TestErrorThatWrapsNothing(t *testing.T) {
	require.EqualError(t, crossed(t, nilWrapper{}), "wraps nothing")
}

type ring struct{ cause error }

func (r *ring) Error() string { return "ring" }
func (r *ring) Unwrap() error { return r.cause }

func TestErrorCycle(t *testing.T) {
	r := &ring{}
	r.cause = r
	var e Encoder
	e.Error(r)
	require.ErrorContains(t, e.Err(), "cycle")
}

func TestUnknownSentinel(t *testing.T) {
	var e Encoder
	e.Uint8(errorSentinel)
	e.String("future.ErrNew")
	var d Decoder
	d.Reset(e.Buffer(), false)
	require.EqualError(t, d.Error(), "future.ErrNew")
	require.NoError(t, d.Err())
}

func FuzzError(f *testing.F) {
	for _, err := range []error{nil, io.EOF, errors.New("x"), fmt.Errorf("x: %w", io.EOF), errors.Join(io.EOF, errors.New(strings.Repeat("x", 100)))} {
		var e Encoder
		e.Error(err)
		f.Add(e.Buffer())
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var d Decoder
		d.Reset(msg, false)
		err := d.Error()
		if d.Err() != nil {
			return
		}
		var e Encoder
		e.Error(err)
		require.NoError(t, e.Err())
		d.Reset(e.Buffer(), false)
		require.Equal(t, err, d.Error())
	})
}
