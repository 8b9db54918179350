package conn

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// readFrame reads one frame and drops its payload.
func readFrame(t *testing.T, peer io.Reader) frame.Header {
	t.Helper()
	h := readHeader(t, peer)
	_, err := io.CopyN(io.Discard, peer, int64(h.Length))
	require.NoError(t, err)
	return h
}

func readHeader(t *testing.T, peer io.Reader) frame.Header {
	t.Helper()
	b := make([]byte, frame.HeaderSize)
	_, err := io.ReadFull(peer, b)
	require.NoError(t, err)
	h, err := frame.Parse(b)
	require.NoError(t, err)
	return h
}

// Small frames that come up while a large message is under way leave after the
// chunk that is being written.
func TestSmallFramesGoBetweenTheChunks(t *testing.T) {
	const small = 64
	c, peer := scripted(t, Config{})
	var calls sync.WaitGroup
	defer calls.Wait()
	defer peer.Close()
	call := func(arg string) func() { return func() { _, _, _ = invoke(c, t.Context(), "echo", arg) } }
	calls.Go(call(strings.Repeat("x", 16<<20)))
	require.Equal(t, frame.Call, readFrame(t, peer).Kind, "the announcement")
	chunk := readHeader(t, peer)
	require.Equal(t, transport.CPU() != 0, chunk.CPU != 0, "the processor is named")
	chunk.CPU = 0
	require.Equal(t, frame.Header{Kind: frame.Chunk, Flags: frame.More, ID: 1, Length: frame.MaxChunk}, chunk)
	for range small {
		calls.Go(call("0123456789abcdef"))
	}
	for waiting := 0; waiting < small*(frame.HeaderSize+5+17); runtime.Gosched() {
		c.out.mu.Lock()
		waiting = len(c.out.waiting)
		c.out.mu.Unlock()
	}
	_, err := io.CopyN(io.Discard, peer, frame.MaxChunk)
	require.NoError(t, err)
	for range small {
		require.Equal(t, frame.Call, readFrame(t, peer).Kind)
	}
	next := readFrame(t, peer)
	next.CPU = 0
	require.Equal(t, chunk, next, "the large message goes on")
}

// The caller that reads is back when its context ends, also inside a chunk that does not go on.
func TestCallerIsBackFromAHalfChunk(t *testing.T) {
	c, peer := scripted(t, Config{})
	call := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			_, _, err := invoke(c, ctx, "echo", "")
			done <- err
		}()
		require.Equal(t, frame.Call, readFrame(t, peer).Kind)
		return done
	}
	first := call(t.Context())
	_, err := peer.Write(frames{}.add(frame.Header{Kind: frame.Reply, ID: 1}, "\x00"))
	require.NoError(t, err)
	require.NoError(t, <-first) // the role is free now
	ctx, cancel := context.WithCancel(t.Context())
	second := call(ctx)
	script := frames{}.add(frame.Header{Kind: frame.Reply, ID: 2, Flags: frame.More}, size(1<<20)).
		add(frame.Header{Kind: frame.Chunk, ID: 2, Flags: frame.More}, string(make([]byte, frame.MaxChunk)))
	_, err = peer.Write(script[:len(script)-1])
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-second, context.Canceled)
	require.Equal(t, frame.Cancel, readFrame(t, peer).Kind)
}

// lentBytes is a message of bytes that are lent to the connection.
type lentBytes struct{ b []byte }

func (m *lentBytes) Encode(e *codec.Encoder) { e.Bytes(m.b) }
func (m *lentBytes) Decode(d *codec.Decoder) { m.b = d.Bytes() }

// A caller whose context has ended may use again what it has lent, although a chunk of that is still being written.
func TestCallerThatIsBackHasItsBytes(t *testing.T) {
	for size, want := range map[int]Fate{frame.MaxChunk / 2: MaybeExecuted, 2 * frame.MaxChunk: NotDelivered} {
		c, peer := scripted(t, Config{})
		ctx, cancel := context.WithCancel(t.Context())
		lent := bytes.Repeat([]byte("x"), size)
		fate := make(chan Fate)
		go func() {
			f, _ := c.Call(ctx, "echo", false, &lentBytes{lent}, &lentBytes{})
			fate <- f
		}()
		require.Equal(t, frame.Call, readFrame(t, peer).Kind, "the announcement")
		chunk := make([]byte, readHeader(t, peer).Length)
		_, err := io.ReadFull(peer, chunk[:len(chunk)/2])
		require.NoError(t, err)
		cancel()
		require.Equal(t, want, <-fate)
		clear(lent)
		_, err = io.ReadFull(peer, chunk[len(chunk)/2:])
		require.NoError(t, err)
		require.Equal(t, -1, bytes.IndexByte(chunk[len(chunk)/2:], 0))
		require.NotEqual(t, frame.Call, readFrame(t, peer).Kind)
	}
}

// lateStream goes on after WriteBuffers when it is told.
type lateStream struct {
	transport.Stream
	late chan struct{}
}

func (s lateStream) WriteBuffers(list net.Buffers) error {
	err := s.Stream.WriteBuffers(list)
	<-s.late
	return err
}

// Who writes a large message may notice that it is written when the reply has come, and the next
// call is made, of which it must not think that it is the same.
func TestReplyOvertakesItsLargeCall(t *testing.T) {
	b := newBlocker()
	a, p := transport.Pipe()
	late := lateStream{a, make(chan struct{})}
	h, plugin := New(late, Config{}), New(p, Config{Lookup: methods{"echo": echo["echo"], "block": b.handle}.lookup})
	defer plugin.Close(nil)
	defer h.Close(nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	large := strings.Repeat("x", frame.MaxPlain+1)
	for range 10 {
		_, _, err := invoke(h, ctx, "echo", large)
		require.NoError(t, err)
		posted := make(chan error)
		go func() {
			_, err := h.Post(ctx, "block", &text{large})
			posted <- err
		}()
		for waits := 0; waits == 0; runtime.Gosched() { // until it waits to write
			h.out.mu.Lock()
			waits = len(h.out.large)
			h.out.mu.Unlock()
		}
		late.late <- struct{}{}
		select {
		case <-b.running: // before Post returns, since the message is not written before that
		case err := <-posted:
			require.Fail(t, "Post returned early", "%v", err)
		}
		b.release <- struct{}{}
		late.late <- struct{}{}
		require.NoError(t, <-posted)
	}
}

// What was posted has been written if its reply is there, whatever comes then.
func TestPostThatIsAnsweredBeforeTheEnd(t *testing.T) {
	b := newBlocker()
	a, p := transport.Pipe()
	late := lateStream{a, make(chan struct{})}
	h, plugin := New(late, Config{}), New(p, Config{Lookup: methods{"block": b.handle}.lookup})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	posted := make(chan error)
	go func() {
		_, err := h.Post(ctx, "block", &text{strings.Repeat("x", frame.MaxPlain+1)})
		posted <- err
	}()
	<-b.running
	b.release <- struct{}{}
	for waits := 1; waits > 0; runtime.Gosched() { // until it is answered
		h.mu.Lock()
		waits = h.calls.n + len(h.owed)
		h.mu.Unlock()
	}
	plugin.Close(nil)
	require.NoError(t, <-posted)
	late.late <- struct{}{}
	h.Close(nil)
}

// A call that is on its way when all are cancelled is cancelled when it is there: until then the peer does not know it.
func TestLargeCallsAreCancelledWhenTheyAreWritten(t *testing.T) {
	c, peer := scripted(t, Config{Leaves: true})
	large := strings.Repeat("x", 3*frame.MaxChunk)
	var calls sync.WaitGroup
	defer calls.Wait()
	defer peer.Close()
	for range 2 { // the second waits for its turn
		calls.Go(func() { _, _, _ = invoke(c, t.Context(), "echo", large) })
	}
	require.Equal(t, frame.Call, readFrame(t, peer).Kind, "the announcement")
	for waits := 0; waits == 0; runtime.Gosched() {
		c.out.mu.Lock()
		waits = len(c.out.large)
		c.out.mu.Unlock()
	}
	go c.CancelCalls()
	written := map[uint64]bool{}
	for cancelled := map[uint64]bool{}; len(cancelled) < 2; {
		h := readFrame(t, peer)
		switch h.Kind {
		case frame.Chunk:
			written[h.ID] = h.Flags&frame.More == 0
		case frame.Cancel:
			require.Equal(t, frame.Leaving, h.Flags)
			if written[h.ID] {
				cancelled[h.ID] = true
			}
		}
	}
}
