package conn

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// busy is a stream on which somebody sends a frame whenever one is written.
type busy struct {
	transport.Stream
	w *writer
}

func (s busy) Write(p []byte) (int, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.w.err == nil {
		s.w.waiting = append(s.w.waiting, "frame"...)
	}
	return len(p), s.w.err
}

func (s busy) TryWrite(p []byte) (int, error) { return s.Write(p) }

func newBusyWriter(t *testing.T) *writer {
	var writing sync.WaitGroup
	w := &writer{fail: func(error) {}, spawn: func(f func()) bool { writing.Go(f); return true }}
	w.stream = busy{w: w}
	t.Cleanup(func() {
		w.stop(io.EOF)
		writing.Wait()
	})
	return w
}

// Who sends does not write for others for ever: its context may end.
func TestSenderIsNotKeptByOthers(t *testing.T) {
	w := newBusyWriter(t)
	within(t, func() { require.NoError(t, w.send(t.Context(), []byte("frame"), nil, 0, false)) })
}

// recording is a stream that takes note of what is written at once.
type recording struct {
	transport.Stream
	writes []string
}

func (s *recording) TryWrite(p []byte) (int, error) {
	s.writes = append(s.writes, string(p))
	return len(p), nil
}

// Frames do not wait for who gathers once there are enough of them, and what comes then does until that one comes back.
func TestEnoughFramesDoNotWaitForMore(t *testing.T) {
	var to recording
	w := &writer{stream: &to}
	send := func(f string, gather int) { require.NoError(t, w.send(t.Context(), []byte(f), nil, gather, false)) }
	w.coming = true // as while another yields
	send("a", 3)
	send("b", 3)
	require.Empty(t, to.writes)
	send("c", 3)
	require.Equal(t, []string{"abc"}, to.writes)
	send("d", 3)
	require.Equal(t, []string{"abc"}, to.writes)
	w.coming = false
	send("e", 3)
	require.Equal(t, []string{"abc", "de"}, to.writes)
	require.False(t, w.busy || w.coming)
}

// Where the peer needs this processor, frames are left to who reads while that does not wait for the peer.
func TestFramesAreLeftToWhoReads(t *testing.T) {
	var to recording
	w := &writer{stream: &to}
	send := func(f string, gather int) { require.NoError(t, w.send(t.Context(), []byte(f), nil, gather, false)) }
	send("a", everybody)
	require.Equal(t, []string{"a"}, to.writes, "nobody will look")
	w.attend()
	send("b", everybody)
	send("c", everybody)
	require.Equal(t, []string{"a"}, to.writes)
	send("d", 2)
	require.Equal(t, []string{"a", "bcd"}, to.writes, "enough for a peer elsewhere")
	send("e", everybody)
	send("f", 0)
	require.Equal(t, []string{"a", "bcd", "ef"}, to.writes, "a caller that has no others beside it")
	send(strings.Repeat("g", corkLimit), everybody)
	require.Len(t, to.writes, 4, "much")
	send("h", everybody)
	w.leave()
	require.Equal(t, "h", to.writes[4])
	send("i", everybody)
	require.Equal(t, "i", to.writes[5])
}

// A large message gets its turn, however many small frames there are.
func TestLargeMessageIsNotKeptOut(t *testing.T) {
	w := newBusyWriter(t)
	require.NoError(t, w.send(t.Context(), []byte("frame"), nil, 0, false))
	within(t, func() { require.NoError(t, w.acquire()) })
	within(t, func() { require.NoError(t, w.writeWaiting()) })
	w.finish()
}

// within fails the test if f does not return.
func within(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("takes for ever")
	}
}

// deafStream cannot be written to, because its peer has gone, say.
type deafStream struct{ transport.Stream }

func (deafStream) Write([]byte) (int, error)      { return 0, syscall.EPIPE }
func (deafStream) WriteBuffers(net.Buffers) error { return syscall.EPIPE }

// What a peer has sent before it went is read although a write says already that it is gone.
func TestLastWordsAreHeard(t *testing.T) {
	for _, closes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			a, peer := net.Pipe()
			heard := make(chan string, 1)
			c := New(deafStream{transport.FromConn(a)}, Config{Lookup: methods{"echo": func(_ context.Context, s string) (string, error) {
				heard <- s
				return s, nil
			}}.lookup})
			defer c.Close(nil)
			type end struct {
				fate Fate
				err  error
			}
			ends := make(chan end)
			for _, arg := range []string{"the first finds out", "small", strings.Repeat("large", frame.MaxPlain)} {
				go func() {
					_, fate, err := invoke(c, t.Context(), "echo", arg)
					ends <- end{fate, err}
				}()
				synctest.Wait()
			}
			require.NoError(t, c.Err())
			_, err := peer.Write(frames{}.add(frame.Header{Kind: frame.Call, ID: 1}, echoCall))
			require.NoError(t, err)
			begun := time.Now()
			if closes {
				require.NoError(t, peer.Close())
			} else {
				defer peer.Close()
			}
			require.NotEmpty(t, <-heard)
			require.ElementsMatch(t, []end{
				{MaybeExecuted, io.ErrUnexpectedEOF},
				{NotDelivered, io.ErrUnexpectedEOF},
				{NotDelivered, io.ErrUnexpectedEOF},
			}, []end{<-ends, <-ends, <-ends})
			if closes {
				require.Zero(t, time.Since(begun))
			} else {
				require.Equal(t, lastWords, time.Since(begun))
			}
		})
	}
}

// The end of the peer has one name, also where many bytes of a stream are written.
func TestStreamToWhoIsGone(t *testing.T) {
	var w writer
	w.stream, w.fail = deafStream{}, func(error) {}
	require.Equal(t, io.ErrUnexpectedEOF, w.sendData(1, make([]byte, 2*copyLimit)))
}
