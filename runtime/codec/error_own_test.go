package codec

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// side is one end of a connection.
type side struct {
	Peer
	errors OwnErrors
}

func (s *side) OwnErrors() *OwnErrors { return &s.errors }

// over is what the other side makes of an error.
func over(t testing.TB, from, to *side, err error) error {
	t.Helper()
	var e Encoder
	e.Attach(from)
	e.Error(err)
	require.NoError(t, e.Err())
	var d Decoder
	d.Reset(e.Buffer(), false)
	d.Attach(to, nil, nil)
	got := d.Error()
	require.NoError(t, d.Err())
	return got
}

func TestErrorsComeHome(t *testing.T) {
	here, there, elsewhere := new(side), new(side), new(side)
	stop := errors.New("stop")
	for _, err := range []error{stop, fmt.Errorf("wrapped: %w", stop), errors.Join(io.EOF, stop)} {
		away := over(t, here, there, err)
		require.NotErrorIs(t, away, stop, "it is another process's")
		require.EqualError(t, away, err.Error())
		back := over(t, there, here, fmt.Errorf("handed on: %w", away))
		require.ErrorIs(t, back, stop)
		require.EqualError(t, back, "handed on: "+err.Error())
	}
	away := over(t, here, there, stop)
	require.Equal(t, stop, over(t, there, here, away))
	require.NotErrorIs(t, over(t, there, elsewhere, away), stop, "another plugin's host does not give it away")
	require.NotErrorIs(t, over(t, there, here, errors.New("stop")), stop, "the text alone is not enough")
	require.NotErrorIs(t, crossed(t, away), stop)
}

// What a side does not know may be known to who gets it from there.
func TestVariablesComeHome(t *testing.T) {
	away := crossedAs(t, errStubborn, "ErrStubborn", "ErrStubbern")
	require.NotErrorIs(t, away, errStubborn)
	require.Equal(t, errStubborn, crossedAs(t, away, "ErrStubbern", "ErrStubborn"))
}

func TestFewOwnErrorsAreRemembered(t *testing.T) {
	here, there := new(side), new(side)
	first := errors.New("first")
	away := over(t, here, there, first)
	for i := range maxOwnErrors - 1 {
		over(t, here, there, first) // is the same one
		over(t, here, there, fmt.Errorf("%d", i))
	}
	require.Equal(t, first, over(t, there, here, away))
	last := errors.New("last")
	require.Equal(t, last, over(t, there, here, over(t, here, there, last)))
	back := over(t, there, here, away)
	require.NotErrorIs(t, back, first)
	require.EqualError(t, back, "first")
	require.Len(t, here.errors.numbers, maxOwnErrors)
}

// What an error quotes may come from the other side, which would have this side keep it.
func TestLongOwnErrorsAreNotRemembered(t *testing.T) {
	here, there := new(side), new(side)
	long := errors.New(strings.Repeat("x", maxOwnText+1))
	back := over(t, there, here, over(t, here, there, long))
	require.NotErrorIs(t, back, long)
	require.EqualError(t, back, long.Error())
	require.Empty(t, here.errors.numbers)
}

// Nobody but who has sent an error knows its number.
func TestForgedNumbers(t *testing.T) {
	here, there := new(side), new(side)
	away := over(t, here, there, errors.New("stop")).(*RemoteError)
	for _, name := range []string{"own ", "own 0", "own 0 0", away.variable + "1", away.variable + "x", here.errors.prefix, here.errors.prefix + "-1"} {
		back := over(t, there, here, &RemoteError{Message: "forged", variable: name})
		require.IsType(t, &RemoteError{}, back, name)
	}
}
