package directives

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// calls is a Calls.
type calls struct{}

func (calls) Get(_ context.Context, key string) (string, error) { return key + "!", nil }

func (calls) Deadline(ctx context.Context) (time.Duration, error) { return left(ctx) }

// left is how long ctx lasts.
func left(ctx context.Context) (time.Duration, error) {
	at, has := ctx.Deadline()
	if !has {
		return 0, errors.New("no deadline")
	}
	return time.Until(at), nil
}

func (calls) Log(text string) error {
	<-gate
	return errors.New("nobody hears this")
}

// gate is never opened.
var gate chan struct{}

func (calls) Short() error { return nil }

func (c calls) Watch(ctx context.Context, w Watcher) error {
	d, err := w.Deadline(ctx)
	if err != nil {
		return err
	}
	if d > 2*time.Hour || d < time.Hour {
		return errors.New(d.String())
	}
	if err := w.Seen(ctx, "one"); err != nil {
		return err
	}
	return w.Seen(ctx, "two")
}

// counter is a Counter.
type counter struct{}

func (counter) Add(int) { <-gate }

// watcher is a Watcher.
type watcher struct{ seen chan string }

func (watcher) Deadline(ctx context.Context) (time.Duration, error) { return left(ctx) }

func (w watcher) Seen(_ context.Context, key string) error {
	w.seen <- key
	return nil
}

func TestHowMethodsOfReferencesAreCalled(t *testing.T) {
	c := NewCallsClient(start(t))
	w := watcher{seen: make(chan string)}
	require.NoError(t, c.Watch(t.Context(), w), "nobody has waited for Seen")
	require.ElementsMatch(t, []string{"one", "two"}, []string{<-w.seen, <-w.seen})
}

func TestHowMethodsAreCalled(t *testing.T) {
	p := start(t)
	c := NewCallsClient(p)
	d, err := c.Deadline(t.Context())
	require.NoError(t, err)
	require.Greater(t, d, 30*time.Minute)
	require.LessOrEqual(t, d, time.Hour+500*time.Millisecond)
	require.NoError(t, c.Log("this does not wait"))
	NewCounterClient(p).Add(1)
	require.ErrorIs(t, c.Short(), context.DeadlineExceeded)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, p.Shutdown(ended), context.Canceled, "they hang")
}

func TestContractSaysHowItsMethodsAreCalled(t *testing.T) {
	methods := callsContract.Methods
	require.Equal(t, "Deadline", methods[0].Name)
	require.Equal(t, time.Hour+500*time.Millisecond, methods[0].Timeout)
	require.Equal(t, "Get", methods[1].Name)
	require.True(t, methods[1].Idempotent)
	require.Equal(t, 90*time.Second, methods[1].Timeout)
	require.Equal(t, "Log", methods[2].Name)
	require.True(t, methods[2].Oneway)
	require.Equal(t, 7*time.Nanosecond, methods[3].Timeout)
	require.Zero(t, methods[4].Timeout)
}
