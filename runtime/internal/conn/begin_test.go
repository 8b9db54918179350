package conn

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// What is begun when the peer asks for the end is still served.
func TestBegunCallsAreOverBeforeTheEnd(t *testing.T) {
	for range 100 {
		a, b := transport.Pipe()
		served, done := make(chan string, 1), make(chan error, 1)
		h := New(a, Config{Lookup: methods{"note": func(_ context.Context, s string) (string, error) {
			served <- s
			return s + "!", nil
		}}.lookup})
		var p *Conn
		ready := make(chan struct{})
		p = New(b, Config{Draining: func() {
			<-ready
			reply := new(text)
			if err := p.Begin("note", &text{"late"}, reply, func(fate Fate, err error) {
				if reply.s != "late!" || fate != Executed {
					t.Error(reply.s, fate)
				}
				done <- err
			}); err != nil {
				t.Error(err)
			}
		}})
		close(ready)
		require.NoError(t, h.Drain(t.Context()))
		require.Equal(t, "late", <-served)
		require.NoError(t, <-done)
		h.Close(nil)
		p.Close(nil)
	}
}

func TestBeginDoesNotWait(t *testing.T) {
	a, b := transport.Pipe() // nobody reads b
	h := New(a, Config{})
	var err error
	for n := 0; err == nil; n++ {
		require.Less(t, n, 1<<20)
		err = h.Begin("x", &text{string(make([]byte, 4096))}, new(text), func(Fate, error) {})
	}
	require.ErrorIs(t, err, ErrBusy)
	_ = b.Close()
	h.Close(nil)
	require.Error(t, h.Begin("x", &text{}, new(text), func(Fate, error) { t.Error("done") }))
}
