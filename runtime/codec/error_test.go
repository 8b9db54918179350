package codec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// crossed is what err is on the other side.
func crossed(t testing.TB, err error) error { return crossedAs(t, err, "", "") }

// crossedAs replaces old in the message, as if a peer with other errors had
// written it.
func crossedAs(t testing.TB, err error, old, changed string) error {
	t.Helper()
	var e Encoder
	e.Error(err)
	require.NoError(t, e.Err())
	require.Len(t, changed, len(old))
	msg := e.Buffer()
	if old != "" {
		require.Contains(t, string(msg), old)
		msg = bytes.ReplaceAll(msg, []byte(old), []byte(changed))
	}
	var d Decoder
	d.Reset(msg, false)
	got := d.Error()
	require.NoError(t, d.Err())
	require.Zero(t, d.Remaining())
	return got
}

func TestNilError(t *testing.T) { require.NoError(t, crossed(t, nil)) }

func TestErrorTreesKeepTheirShape(t *testing.T) {
	in := fmt.Errorf("top: %w", errors.Join(
		errors.New("left"),
		fmt.Errorf("right: %w and %w", io.EOF, &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist}),
	))
	got := crossed(t, in)
	requireSameShape(t, in, got)
	require.ErrorIs(t, got, io.EOF)
	require.ErrorIs(t, got, fs.ErrNotExist)
	require.NotErrorIs(t, got, context.Canceled)

	again := crossed(t, got)
	require.Equal(t, got, again, "an error that is passed on stays what it was")
}

// requireSameShape compares the texts at every level of two trees.
func requireSameShape(t testing.TB, want, got error) {
	t.Helper()
	if want == nil {
		require.NoError(t, got)
		return
	}
	require.EqualError(t, got, want.Error())
	requireSameShape(t, errors.Unwrap(want), errors.Unwrap(got))
	joined, isJoined := want.(interface{ Unwrap() []error })
	gotJoined, gotIsJoined := got.(interface{ Unwrap() []error })
	require.Equal(t, isJoined, gotIsJoined)
	if isJoined {
		require.Len(t, gotJoined.Unwrap(), len(joined.Unwrap()))
		for i, cause := range joined.Unwrap() {
			requireSameShape(t, cause, gotJoined.Unwrap()[i])
		}
	}
}

func TestRemoteErrorTellsTheType(t *testing.T) {
	for name, in := range map[string]error{
		"*errors.errorString": errors.New("x"),
		"*fmt.wrapError":      fmt.Errorf("x: %w", io.EOF),
		"*fmt.wrapErrors":     fmt.Errorf("x: %w, %w", io.EOF, io.EOF),
		"*errors.joinError":   errors.Join(io.EOF, io.EOF),
		"github.com/pingogen/pingogen/runtime/codec.nilWrapper":    nilWrapper{},
		"*github.com/pingogen/pingogen/runtime/codec.netError":     &netError{timeout: true},
		"*github.com/pingogen/pingogen/runtime/codec.busy":         &busy{cause: io.EOF},
		"*github.com/pingogen/pingogen/runtime/codec.manyTimeouts": &manyTimeouts{io.EOF},
		"struct { error }": struct{ error }{io.EOF},
	} {
		var remote *RemoteError
		got := crossed(t, in)
		require.ErrorAs(t, got, &remote)
		require.Equal(t, name, remote.Type)
		require.Equal(t, in.Error(), remote.Error())
		require.Equal(t, got, crossed(t, got))
	}
}

type nilWrapper struct{}

func (nilWrapper) Error() string { return "wraps nothing" }
func (nilWrapper) Unwrap() error { return nil }

func TestErrorThatWrapsNothing(t *testing.T) {
	require.EqualError(t, crossed(t, nilWrapper{}), "wraps nothing")
}

// netError is a net.Error of which the other side does not know.
type netError struct{ timeout, temporary bool }

func (*netError) Error() string     { return "net error" }
func (e *netError) Timeout() bool   { return e.timeout }
func (e *netError) Temporary() bool { return e.temporary }

// busy has one of the methods of a net.Error.
type busy struct {
	no    bool
	cause error
}

func (*busy) Error() string     { return "busy" }
func (e *busy) Temporary() bool { return !e.no }
func (e *busy) Unwrap() error   { return e.cause }

func requireSameAnswers(t *testing.T, in, got error) {
	t.Helper()
	if timeout, ok := in.(interface{ Timeout() bool }); ok {
		require.Equal(t, timeout.Timeout(), got.(interface{ Timeout() bool }).Timeout())
	}
	if temporary, ok := in.(interface{ Temporary() bool }); ok {
		require.Equal(t, temporary.Temporary(), got.(interface{ Temporary() bool }).Temporary())
	}
	settle()
	variables.Range(func(name, v any) bool {
		require.Equal(t, errors.Is(in, v.(error)), errors.Is(got, v.(error)), name)
		return true
	})
}

type manyTimeouts []error

func (*manyTimeouts) Error() string     { return "many" }
func (*manyTimeouts) Timeout() bool     { return true }
func (e *manyTimeouts) Unwrap() []error { return *e }

func TestAnswersOfANetError(t *testing.T) {
	for _, in := range []net.Error{
		&netError{}, &netError{timeout: true}, &netError{temporary: true},
		&net.OpError{Op: "dial", Err: &netError{timeout: true}},
		&net.OpError{Op: "read", Err: &netError{temporary: true}},
	} {
		var got net.Error
		require.ErrorAs(t, crossed(t, fmt.Errorf("x: %w", in)), &got)
		requireSameAnswers(t, in, got)
	}
	for _, in := range []error{&busy{}, &busy{cause: io.EOF}} {
		got := crossed(t, in)
		require.True(t, got.(interface{ Temporary() bool }).Temporary())
		require.Equal(t, errors.Is(in, io.EOF), errors.Is(got, io.EOF))
	}
	for _, in := range []error{io.EOF, errors.New("x"), &busy{no: true}} {
		var got net.Error
		require.False(t, errors.As(crossed(t, in), &got))
	}
	joined := crossed(t, &manyTimeouts{io.EOF, io.ErrClosedPipe})
	require.True(t, joined.(net.Error).Timeout())
	require.ErrorIs(t, joined, io.ErrClosedPipe)
}

// matching has an Is method, and does not expect every error.
type matching struct{ targets []error }

func (*matching) Error() string { return "matching" }

func (e *matching) Is(target error) bool {
	if target == io.ErrNoProgress {
		panic("unexpected")
	}
	for _, t := range e.targets {
		if t == target {
			return true
		}
	}
	return false
}

func TestIsMethods(t *testing.T) {
	got := crossed(t, &matching{[]error{fs.ErrNotExist, context.DeadlineExceeded}})
	for range 2 { // the second time for an error that is passed on
		require.ErrorIs(t, got, fs.ErrNotExist)
		require.ErrorIs(t, got, context.DeadlineExceeded)
		require.NotErrorIs(t, got, io.EOF)
		require.NotErrorIs(t, got, incomparable{nil})
		require.NotErrorIs(t, got, hidden{[]int{1}})
		got = crossed(t, got)
	}
	require.ErrorIs(t, crossed(t, fmt.Errorf("a: %w", &matching{[]error{io.EOF}})), io.EOF)
}

type incomparable []error

func (incomparable) Error() string { return "incomparable" }

// hidden can be compared, unless its field cannot.
type hidden struct{ v any }

func (hidden) Error() string { return "hidden" }

func TestErrorsThatCannotBeCompared(t *testing.T) {
	for _, in := range []error{incomparable{io.EOF}, hidden{[]int{1}}, hidden{incomparable{}}} {
		require.EqualError(t, crossed(t, in), in.Error())
		require.EqualError(t, crossed(t, errors.Join(in, in)), in.Error()+"\n"+in.Error())
	}
	RegisterErrors("example.com/hidden", ErrorVar("ErrSlice", incomparable{}), ErrorVar("ErrNil", nil))
	require.NotNil(t, crossed(t, incomparable{}))
}

func TestNilPointersAndPanics(t *testing.T) {
	var path *fs.PathError
	for _, in := range []error{path, (*net.OpError)(nil), (*ring)(nil), &fs.PathError{Op: "open"}, (*busy)(nil)} {
		got := crossed(t, in)
		require.NotEmpty(t, got.Error())
	}
	require.Contains(t, crossed(t, path).Error(), "Error method panicked")
	require.EqualError(t, crossed(t, (*net.OpError)(nil)), "<nil>")
}

type ring struct{ cause error }

func (r *ring) Error() string { return "ring" }
func (r *ring) Unwrap() error { return r.cause }

func TestErrorCycle(t *testing.T) {
	r, field := &ring{}, &fieldError{}
	r.cause = r
	field.Err, field.Other = io.EOF, field
	for _, in := range []error{r, errors.Join(io.EOF, r), field} {
		var e Encoder
		e.Error(in)
		require.ErrorContains(t, e.Err(), "cycle")
	}
}

func TestUnknownVariableKeepsItsText(t *testing.T) {
	got := crossedAs(t, io.ErrShortWrite, "io.ErrShortWrite", "io.ErrShortThing")
	require.Equal(t, &RemoteError{Type: "*errors.errorString", Message: "short write", variable: "io.ErrShortThing"}, got)
}

func TestMalformedErrors(t *testing.T) {
	for name, msg := range map[string][]byte{
		"form":              {0x07, 0, 0},
		"flag":              {0x81, 0x01, 0, 0},
		"flags of nil":      {0x08},
		"cause of nothing":  {errorCause, 0},
		"wraps nil":         {errorWrapping, 0, 0, 0},
		"too many causes":   {errorJoining, 0, 0, 9, 0},
		"fields end early":  {errorLeaf | errorTyped, 0, 0, 1, 9},
		"answers":           {errorLeaf | errorAnswers, 0, 0, 2, 0},
		"cycle":             bytes.Repeat([]byte{errorWrapping, 0, 0}, 2000),
		"names end early":   {errorLeaf | errorMatches, 0, 0, 3, 1},
		"variable is short": {errorLeaf | errorVariable, 0, 0, 5},
	} {
		var d Decoder
		d.Reset(msg, false)
		require.NoError(t, d.Error(), name)
		require.Error(t, d.Err(), name)
	}
}
