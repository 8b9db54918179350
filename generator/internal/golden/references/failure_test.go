package references

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// level is a Level. A negative one panics when it is asked.
type level struct{ n int }

func (l *level) Level() int {
	if l.n < 0 {
		panic("negative")
	}
	return l.n
}

func (l *level) Set(n int) error {
	l.n = n
	return nil
}

func (l *level) Watch(changed func(int)) { changed(l.n) }

// panicking is a Panicking.
type panicking struct{}

func (panicking) Level() (Level, error) { return &level{3}, nil }

func (panicking) Notify(_ context.Context, l Level, f func() string) error {
	if l.Level() != 3 || f() != "f" {
		return errors.New("wrong")
	}
	return nil
}

// zeroing is a Zeroing.
type zeroing struct{ panicking }

func (zeroing) Holder(context.Context) (Holder, error) { return Holder{&level{-1}}, nil }

// holding is a Holding.
type holding struct{}

func (holding) Holder(_ context.Context, h Holder) (Holder, error) {
	h.Level.Watch(func(n int) { h = Holder{&level{-n}} })
	return h, nil
}

func TestFailuresBelowAContract(t *testing.T) {
	p := start(t)
	panics, zeroes, holds := NewPanickingClient(p), NewZeroingClient(p), NewHoldingClient(p)

	l, err := panics.Level()
	require.NoError(t, err)
	require.Equal(t, 3, l.Level())
	require.NoError(t, panics.Notify(t.Context(), l, func() string { return "f" }))
	require.NoError(t, zeroes.Notify(t.Context(), &level{3}, func() string { return "f" }))
	require.NoError(t, l.Set(-1))
	require.Panics(t, func() { l.Level() })

	h, err := zeroes.Holder(t.Context())
	require.NoError(t, err)
	require.Zero(t, h.Level.Level())
	called := false
	h.Level.Watch(func(n int) { called = n == -1 })
	require.True(t, called)

	h, err = holds.Holder(t.Context(), Holder{&level{5}})
	require.NoError(t, err)
	require.Panics(t, func() { h.Level.Level() })
}
