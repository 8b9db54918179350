package conn

import (
	"context"
	"net"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Who reads has its reply, and with it the beginning of a large one for somebody else: it does not stay for the rest.
func TestReplyBeforeTheBeginningOfALargeOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the watcher does not come while a caller is about to read
		c, peer := scripted(t, Config{})
		got := make(chan error)
		call := func() frame.Header {
			go func() {
				_, _, err := invoke(c, context.Background(), "echo", "x")
				got <- err
			}()
			return readFrame(t, peer)
		}
		reply := func(h frame.Header) frames { return frames{}.add(frame.Header{Kind: frame.Reply, ID: h.ID}, "\x01x") }
		_, err := peer.Write(reply(call())) // after which nobody reads but callers
		require.NoError(t, err)
		require.NoError(t, <-got)
		synctest.Wait() // until who has read it has left
		own := call()
		_, err = c.Post(t.Context(), "echo", &text{"x"})
		require.NoError(t, err)
		other := readFrame(t, peer)
		synctest.Wait()
		c.mu.Lock()
		holder := c.role.holder
		c.mu.Unlock()
		require.Equal(t, leading, holder)
		script := reply(own).add(frame.Header{Kind: frame.Reply, ID: other.ID, Flags: frame.More}, size(2*frame.MaxChunk))
		_, err = peer.Write(script)
		require.NoError(t, err)
		select {
		case err = <-got:
			require.NoError(t, err)
		case <-time.After(time.Minute):
			t.Error("the caller waits for the rest")
		}
	})
}

// A reply may wait for those to calls that came together with its own, but not for a message of which only the
// beginning is there.
func TestBeginningIsNotReady(t *testing.T) {
	own := frames{}.add(frame.Header{Kind: frame.Call, ID: 1}, echoCall)
	large := frames{}.add(frame.Header{Kind: frame.Call, ID: 2, Flags: frame.More}, size(2*frame.MaxChunk))
	for name, test := range map[string]struct {
		behind       frames
		ready, begun bool
	}{
		"nothing":           {nil, false, false},
		"a call":            {own, true, false},
		"half of a call":    {own[:len(own)-1], false, false},
		"an announcement":   {large, false, true},
		"what was given up": {slices.Concat(large, frames{}.add(frame.Header{Kind: frame.Chunk, ID: 2, Flags: frame.Abort}, "")), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			r := newReader(transport.FromConn(a), new(writer), 1<<30)
			go b.Write(slices.Concat(own, test.behind))
			m, err := r.next()
			require.NoError(t, err)
			require.Equal(t, uint64(1), m.ID)
			require.Equal(t, test.ready, r.ready())
			require.Equal(t, test.begun, r.begun())
			require.NoError(t, a.Close())
		})
	}
}

// A reader that was started for the sake of a caller leaves nothing behind when that has its reply.
func TestReaderLeavesNoReplyBehind(t *testing.T) {
	a, peer := dialed(t, "tcp", "127.0.0.1:0")
	c := New(a, Config{Lookup: echo.lookup})
	t.Cleanup(func() {
		c.Close(nil)
		_ = peer.Close()
	})
	reading := func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.running > 1 // the watcher runs, too
	}
	left := func() int {
		c.out.mu.Lock()
		defer c.out.mu.Unlock()
		return len(c.out.waiting)
	}
	for id := range uint64(60) {
		ctx, cancel := context.WithCancel(context.Background())
		got := make(chan error)
		go func() {
			_, _, err := invoke(c, ctx, "echo", "x")
			got <- err
		}()
		own := readFrame(t, peer)
		for leaves := false; !leaves; runtime.Gosched() { // the reading to a goroutine, since ctx may end
			c.mu.Lock()
			leaves = c.role.holder == background && c.role.waiting != nil
			c.mu.Unlock()
		}
		_, err := peer.Write(frames{}.add(frame.Header{Kind: frame.Call, ID: id + 1}, echoCall).add(frame.Header{Kind: frame.Reply, ID: own.ID}, "\x01x"))
		require.NoError(t, err)
		require.NoError(t, <-got)
		for reading() && left() > 0 { // the watcher would write it at last
			runtime.Gosched()
		}
		require.Zero(t, left())
		require.Equal(t, frame.Reply, readFrame(t, peer).Kind)
		cancel()
	}
}
