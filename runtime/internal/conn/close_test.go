package conn

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// Handlers whose contexts end because their connection does have nothing to say
// to their callers, who learn of the end instead.
func TestEndIsNotAReply(t *testing.T) {
	const many = 200
	a, b := streams["tcp"](t)
	running := make(chan struct{}, many)
	h, p := New(a, Config{}), New(b, Config{Lookup: methods{"block": func(ctx context.Context, _ string) (string, error) {
		running <- struct{}{}
		<-ctx.Done()
		return "", ctx.Err()
	}}.lookup})
	failed := make(chan error, many)
	for range many {
		go func() {
			_, fate, err := invoke(h, context.Background(), "block", "")
			if fate != MaybeExecuted {
				t.Errorf("fate %v", fate)
			}
			failed <- err
		}()
	}
	for range many {
		<-running
	}
	p.Close(nil)
	for range many {
		require.Equal(t, io.ErrUnexpectedEOF, <-failed)
	}
	h.Close(nil)
}
