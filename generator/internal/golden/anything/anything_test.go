package anything

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// anything is an Anything.
type anything struct{}

func (anything) Echo(_ context.Context, v any) (any, error)                             { return v, nil }
func (anything) Positions(_ context.Context, p Positions) (Positions, error)            { return p, nil }
func (anything) Variadic(args ...any) ([]any, error)                                    { return args, nil }
func (anything) Call(_ context.Context, f func(any) (Value, error), v any) (any, error) { return f(v) }
func (anything) Fail(v any) error                                                       { return &HoldingError{v} }

func (anything) Stream(_ context.Context, in <-chan any) (iter.Seq2[any, error], error) {
	var all []any
	for v := range in {
		all = append(all, v)
	}
	return func(yield func(any, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}, nil
}

func (anything) Make(what string) (any, error) {
	switch what {
	case "plugin only":
		return pluginOnly{1}, nil
	case "different":
		return makeDifferent(), nil
	case "unregistered":
		return []any{struct{ B int }{1}}, nil
	}
	return what, nil
}

func (anything) Attrs(_ context.Context, r slog.Record, a []slog.Attr, v *slog.Value) (slog.Record, []slog.Attr, *slog.Value, error) {
	return r, a, v, nil
}

func TestAny(t *testing.T) {
	c := NewAnythingClient(start(t))
	now := time.Now().UTC().Round(0)
	for _, v := range []any{
		nil, 1, int32(1), uint8(1), 1.5, "s", []byte("b"), now, time.Second, []any{1, nil, []any{}}, map[string]any{"a": int8(1), "b": []any(nil)},
		io.EOF, Thing{Name: "a", Inner: Thing{Inner: []any{Level(1)}}, Err: fs.ErrExist}, &Thing{}, (*Thing)(nil), Level(3), []string{"a"},
	} {
		got, err := c.Echo(t.Context(), v)
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
	got, err := c.Echo(t.Context(), Thing{Name: "a", stays: func() {}})
	require.NoError(t, err)
	require.Equal(t, Thing{Name: "a"}, got)
	got, err = c.Echo(t.Context(), &fs.PathError{Op: "open", Path: "p", Err: errors.Join(fs.ErrNotExist)})
	require.NoError(t, err)
	require.ErrorIs(t, got.(error), fs.ErrNotExist)
	require.ErrorAs(t, got.(error), new(*fs.PathError))
}

func TestPositions(t *testing.T) {
	c := NewAnythingClient(start(t))
	var pointed any = Level(4)
	in := Positions{
		Any: 1, Literal: "l", Named: Level(2), Foreign: []byte("f"), Alias: Thing{Name: "a"}, List: []driver.Value{int64(1), nil, true},
		Array: [2]any{1, "2"}, Map: map[string]Value{"k": []any{1}}, Pointer: &pointed, Next: &Positions{Any: Positions{}.Any},
	}
	got, err := c.Positions(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, in, got)

	list, err := c.Variadic(1, "b", nil, Level(3))
	require.NoError(t, err)
	require.Equal(t, []any{1, "b", nil, Level(3)}, list)

	v, err := c.Call(t.Context(), func(v any) (Value, error) { return []any{v}, nil }, Level(1))
	require.NoError(t, err)
	require.Equal(t, []any{Level(1)}, v)

	in2 := make(chan any, 2)
	in2 <- Level(1)
	in2 <- nil
	close(in2)
	seq, err := c.Stream(t.Context(), in2)
	require.NoError(t, err)
	var all []any
	for v, err := range seq {
		require.NoError(t, err)
		all = append(all, v)
	}
	require.Equal(t, []any{Level(1), nil}, all)
}

// An error with a field of any type keeps it, or becomes its text.
func TestErrorHolding(t *testing.T) {
	c := NewAnythingClient(start(t))
	var holding *HoldingError
	require.ErrorAs(t, c.Fail(Thing{Name: "a"}), &holding)
	require.Equal(t, Thing{Name: "a"}, holding.Value)
}

// Who sends or gets a type that is not registered fails one call, which says so.
func TestUnregistered(t *testing.T) {
	p := start(t)
	c := NewAnythingClient(p)
	for _, call := range []struct {
		call func() (any, error)
		want string
		fate pingo.Fate
	}{
		{func() (any, error) { return c.Echo(t.Context(), []any{struct{ A int }{}}) },
			"a value of type struct { A int } in an any cannot be sent, because the type is not registered: call pingo.RegisterType[struct { A int }]() in both the host and the plugin",
			pingo.NotDelivered},
		{func() (any, error) { return c.Echo(t.Context(), hostOnly{1}) }, "anything.hostOnly in an any: the type is not registered here", pingo.NotDelivered},
		{func() (any, error) { return c.Echo(t.Context(), makeDifferent()) },
			"anything.different in an any: the type has another structure on the other side", pingo.NotDelivered},
		{func() (any, error) { return c.Make("plugin only") }, "anything.pluginOnly in an any: the type is not registered here", pingo.Executed},
		{func() (any, error) { return c.Make("different") }, "anything.different in an any: the type has another structure on the other side", pingo.Executed},
		{func() (any, error) { return c.Make("unregistered") }, "call pingo.RegisterType[struct { B int }]()", pingo.Executed},
	} {
		_, err := call.call()
		require.ErrorContains(t, err, call.want)
		require.Equal(t, call.fate, pingo.FateOf(err), "%v", err)
	}
	cycle := []any{nil}
	cycle[0] = cycle
	_, err := c.Echo(t.Context(), cycle)
	require.ErrorContains(t, err, "a cycle in the data cannot be sent")

	got, err := c.Echo(t.Context(), "still there")
	require.NoError(t, err)
	require.Equal(t, "still there", got)
	require.NoError(t, p.Err())
}
