package conn

import (
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	within(t, func() { require.NoError(t, w.send(t.Context(), []byte("frame"), nil, false, false)) })
}

// A large message gets its turn, however many small frames there are.
func TestLargeMessageIsNotKeptOut(t *testing.T) {
	w := newBusyWriter(t)
	require.NoError(t, w.send(t.Context(), []byte("frame"), nil, false, false))
	within(t, func() { require.NoError(t, w.acquire()) })
	within(t, func() { require.NoError(t, w.writeWaiting()) })
	w.write()
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
