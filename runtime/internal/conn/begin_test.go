package conn

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// What is begun when the peer asks for the end is still served, also if it travels in chunks.
func TestBegunCallsAreOverBeforeTheEnd(t *testing.T) {
	for i := range 200 {
		late := "late" + strings.Repeat("x", i%2*1_000_000)
		a, b := transport.Pipe()
		served, done := make(chan string, 1), make(chan error, 1)
		h := New(a, Config{Lookup: methods{"note": func(_ context.Context, s string) (string, error) {
			served <- s
			return s + "!", nil
		}}.lookup})
		var p *Conn
		ready := make(chan struct{})
		p = New(b, Config{Draining: func(answer func()) {
			<-ready
			reply := new(text)
			if err := p.Begin("note", &text{late}, reply, func(fate Fate, err error) {
				if reply.s != late+"!" || fate != Executed {
					t.Error(reply.s, fate)
				}
				done <- err
			}); err != nil {
				t.Error(err)
			}
			answer()
		}})
		close(ready)
		require.NoError(t, h.Drain(t.Context()))
		require.Len(t, served, 1, "it is over")
		require.Equal(t, late, <-served)
		require.NoError(t, <-done)
		h.Close(nil)
		p.Close(nil)
	}
}

// The last reply does not overtake a large call that its handler has begun.
func TestLargeCallOfAHandlerIsOverBeforeTheEnd(t *testing.T) {
	for range 100 {
		a, b := transport.Pipe()
		served, working := make(chan string, 1), make(chan struct{})
		h := New(a, Config{Lookup: methods{"note": func(_ context.Context, s string) (string, error) {
			served <- s
			return "", nil
		}}.lookup})
		late := strings.Repeat("x", 1_000_000)
		var p *Conn
		p = New(b, Config{Opened: func(c *Conn) { p = c }, Lookup: methods{"work": func(context.Context, string) (string, error) {
			close(working)
			for !p.Drained() {
				runtime.Gosched()
			}
			return "", p.Begin("note", &text{late}, new(text), func(Fate, error) {})
		}}.lookup})
		worked := make(chan error)
		go func() {
			_, _, err := invoke(h, t.Context(), "work", "")
			worked <- err
		}()
		<-working
		require.NoError(t, h.Drain(t.Context()))
		require.NoError(t, <-worked)
		require.Len(t, served, 1, "it is over")
		require.Equal(t, late, <-served)
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
