package conn

import (
	"context"
	"math"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// told is a stream on which nothing comes. It keeps what it was told of it.
type told struct {
	transport.Stream
	hint transport.Hint
}

func (s *told) ReadHint(_ []byte, hint transport.Hint) (int, error) {
	s.hint = hint
	return 0, transport.ErrNothing
}

// Who waits for a peer on another processor asks again and again, and on the same one lets go of it.
func TestReaderTellsWhereThePeerIs(t *testing.T) {
	const leading = transport.Brief | transport.Alone | transport.Spin
	for name, test := range map[string]struct {
		here, elsewhere transport.Hint // what the stream is told
		hint            transport.Hint
		prepare         func(*reader)
	}{
		"a call alone":             {transport.Brief | transport.Alone | transport.Near, leading, leading, func(*reader) {}},
		"calls of others":          {transport.Brief, leading &^ transport.Alone, leading &^ transport.Alone, func(*reader) {}},
		"nobody spins":             {transport.Brief | transport.Alone, transport.Brief | transport.Alone, transport.Brief | transport.Alone, func(*reader) {}},
		"several frames at once":   {transport.Brief | transport.Alone, leading, leading, func(r *reader) { r.frames = 2 }},
		"inside a large message":   {transport.Brief | transport.Alone, leading, leading, func(r *reader) { r.large = &large{Header: frame.Header{}} }},
		"bytes for who pulls":      {transport.Brief | transport.Alone, leading, leading, func(r *reader) { r.likely = true }},
		"after many calls":         {transport.Brief, leading, leading, func(r *reader) { r.alone = letGo }},
		"a peer that tells no one": {transport.Brief | transport.Alone, transport.Brief | transport.Alone, leading, func(r *reader) { r.cpu = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			var s told
			ask := func(at func(cpu uint16) uint16) transport.Hint {
				for { // until this thread has stayed where it was
					cpu := transport.CPU()
					if cpu == 0 {
						t.Skip("this system does not tell the processor")
					}
					r := newReader(&s, new(writer), 1<<20)
					r.hint, r.cpu, r.frames = test.hint, at(cpu), 1
					test.prepare(&r)
					_, _ = r.read(nil)
					if transport.CPU() == cpu {
						return s.hint
					}
				}
			}
			here := ask(func(cpu uint16) uint16 { return cpu })
			for tries := 0; here != test.here && tries < 100; tries++ { // it may have gone away and come back
				here = ask(func(cpu uint16) uint16 { return cpu })
			}
			require.Equal(t, test.here, here, "on the same processor")
			require.Equal(t, test.elsewhere, ask(func(uint16) uint16 { return math.MaxUint16 }), "on another processor, that nobody is ever on")
		})
	}
}

// watched is a stream that takes note of what is done with it. Something is there to be read at once, or nothing ever.
type watched struct {
	transport.Stream
	talks bool
	seen  []string
}

func (s *watched) ReadHint(_ []byte, hint transport.Hint) (int, error) {
	if hint&transport.Now == 0 {
		s.seen = append(s.seen, "wait")
	} else if s.talks {
		return 1, nil
	}
	return 0, transport.ErrNothing
}

func (s *watched) TryWrite(p []byte) (int, error) {
	s.seen = append(s.seen, string(p))
	return len(p), nil
}

// Who reads writes what is left to it before it waits for the peer, and also if it need not wait.
func TestReaderWritesWhatIsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		talks bool
		hint  transport.Hint
		want  []string
	}{
		"a silent peer":       {false, 0, []string{"frame", "wait"}},
		"alone":               {false, transport.Alone, []string{"frame", "wait"}},
		"a peer that goes on": {true, 0, []string{"frame"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &watched{talks: test.talks}
			w := &writer{stream: s}
			w.attend()
			require.NoError(t, w.send(t.Context(), []byte("frame"), nil, everybody, false))
			require.Empty(t, s.seen)
			r := newReader(s, w, 1<<20)
			r.hint = test.hint
			_, _ = r.read(nil)
			require.Equal(t, test.want, s.seen)
		})
	}
}

// Who reads on the peer's processor does not wait for callers that do not come back.
func TestReaderDoesNotWaitForCallers(t *testing.T) {
	var w writer
	w.attend()
	within(t, func() { w.gather(0) })
	within(t, func() { w.gather(2) })
}

// Nothing is left to who reads by somebody who will not read if nobody else does.
func TestWhoDoesNotReadLeavesNothing(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	c := New(transport.FromConn(a), Config{})
	defer c.Close(nil)
	c.mu.Lock()
	c.role.crowd, c.role.peer = crowdFor, 1
	c.mu.Unlock()
	for want, o := range map[int]*outgoing{everybody: {}, 0: {patient: true}} {
		_, gather, err := c.register(t.Context(), o, 1)
		require.NoError(t, err)
		require.Equal(t, want, gather)
	}
	_, gather, err := c.register(t.Context(), &outgoing{posted: make(chan struct{})}, 1)
	require.NoError(t, err)
	require.Zero(t, gather)
}

// While a handler runs on the goroutine that reads, nobody might: what was left to that is written before.
func TestNothingIsLeftBehindHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, peer := net.Pipe()
		done := make(chan struct{})
		c := New(transport.FromConn(a), Config{Lookup: methods{"echo": func(context.Context, string) (string, error) {
			<-done
			return "", nil
		}}.lookup})
		defer c.Close(nil)
		synctest.Wait()
		c.mu.Lock()
		c.waitLocked(&call{events: make(chan event, 1)})
		c.mu.Unlock()
		c.out.mu.Lock()
		c.out.waiting = control(frame.Header{Kind: frame.Ping, ID: 5})
		c.out.mu.Unlock()
		begun := time.Now()
		_, err := peer.Write(frames{}.add(frame.Header{Kind: frame.Call, ID: 1}, echoCall))
		require.NoError(t, err)
		require.Equal(t, frame.Ping, readFrame(t, peer).Kind)
		require.Zero(t, time.Since(begun), "not only when the watcher comes")
		close(done)
		require.Equal(t, frame.Reply, readFrame(t, peer).Kind)
		require.NoError(t, peer.Close())
	})
}
