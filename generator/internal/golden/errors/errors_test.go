package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/golden/loop"
	"github.com/pingogen/pingogen/runtime/codec"
)

// failing fails with an error of its own.
type failing struct{ err error }

func (f failing) Fail(string) error             { return f.err }
func (f failing) Both() (beside, failure error) { return f.err, f.err }

// fail returns err as it arrives from a call.
func fail(t *testing.T, err error) error {
	t.Helper()
	a := failingAdapter{impl: failing{err}}
	c := &FailingClient{caller: loop.New(&failingContract, a.both, a.fail)}
	beside, both := c.Both()
	require.Equal(t, beside, both)
	require.Equal(t, both, c.Fail(""))
	return both
}

func TestVariables(t *testing.T) {
	for _, err := range []error{ErrNotFound, ErrEmpty, ErrWrapped, ErrPointer, ErrConstant} {
		require.True(t, fail(t, err) == err, "%v", err)
		wrapped := fail(t, fmt.Errorf("a: %w", errors.Join(io.EOF, err)))
		require.ErrorIs(t, wrapped, err)
		require.ErrorIs(t, wrapped, io.EOF)
		require.EqualError(t, wrapped, "a: EOF\n"+err.Error())
	}
	requireUnknown(t, errHidden)
}

func requireUnknown(t *testing.T, err error) {
	t.Helper()
	got := fail(t, err)
	require.EqualError(t, got, err.Error())
	require.NotErrorIs(t, got, err)
	var remote *codec.RemoteError
	require.ErrorAs(t, got, &remote)
}

func TestTypesKeepTheirFields(t *testing.T) {
	pointer := &PointerError{Name: "n", At: time.Unix(1, 2).UTC(), depth: 3, Err: fs.ErrExist}
	for _, err := range []error{
		pointer,
		&PointerError{Name: "nested", Err: &PointerError{Name: "n", Err: ErrNotFound}},
		ValueError{Code: 1, Detail: map[string]string{"a": "b"}, Nested: pointer},
		&ValueError{Code: 2, Tree: &ValueError{Code: 1}},
		Embedding{error: io.EOF, Extra: 4},
		&Embedding{error: pointer},
		Code(9), Text("text"), List{io.EOF, Code(1), nil}, List{List{}, pointer},
		&LockedError{Count: 3},
	} {
		require.Equal(t, err, fail(t, err))
		got := fail(t, fmt.Errorf("a: %w", err))
		require.Equal(t, err, errors.Unwrap(got))
		require.EqualError(t, got, "a: "+err.Error())
	}
}

func TestAs(t *testing.T) {
	got := fail(t, fmt.Errorf("a: %w", &PointerError{Name: "n", Err: ValueError{Code: 5}}))
	var pointer *PointerError
	require.ErrorAs(t, got, &pointer)
	require.Equal(t, "n", pointer.Name)
	var value ValueError
	require.ErrorAs(t, got, &value)
	require.Equal(t, Code(5), value.Code)
	require.ErrorIs(t, got, Code(5), "by the type's own Is method")
}

func TestWhatStaysBehind(t *testing.T) {
	got := fail(t, &PartialError{Kept: "k", Skipped: func() {}})
	require.Equal(t, &PartialError{Kept: "k"}, got)
}

func TestWhatCannotTravelIsText(t *testing.T) {
	for name, err := range map[string]error{
		"*FuncError":        &FuncError{Retry: func() {}, Err: ErrNotFound},
		"hiddenError":       hiddenError{ErrNotFound},
		"GenericError[int]": GenericError[int]{7},
	} {
		got := fail(t, err)
		require.EqualError(t, got, err.Error())
		require.Equal(t, errors.Is(err, ErrNotFound), errors.Is(got, ErrNotFound))
		var remote *codec.RemoteError
		require.ErrorAs(t, got, &remote)
		star, bare := "", name
		if name[0] == '*' {
			star, bare = "*", name[1:]
		}
		require.Equal(t, star+failingContract.Package+"."+bare, remote.Type)
	}
}

func TestNilPointer(t *testing.T) {
	var nothing *LockedError
	require.ErrorContains(t, fail(t, nothing), "panicked")
}
