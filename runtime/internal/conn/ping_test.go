package conn

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// A handler that takes its time does not keep its side from answering.
func TestPingIsAnsweredWhileHandlersRun(t *testing.T) {
	onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
		release := make(chan struct{})
		h, p := connect(stubborn(release))
		require.Zero(t, h.Unanswered())
		called := make(chan error)
		go func() {
			_, _, err := invoke(h, t.Context(), "hang", "")
			called <- err
		}()
		synctest.Wait()
		for range 3 {
			h.Ping()
			h.Ping()
			p.Ping()
			time.Sleep(round)
			require.Zero(t, h.Unanswered())
			require.Zero(t, p.Unanswered())
		}
		close(release)
		require.NoError(t, <-called)
		h.Close(nil)
		h.Ping() // to nobody
		require.Zero(t, h.Unanswered())
	})
}

func TestPingsOfAPeerThatDoesNotReadTakeNoMemory(t *testing.T) {
	a, b := net.Pipe()
	c := New(transport.FromConn(a), Config{})
	defer c.Close(nil)
	defer b.Close()
	var script frames
	for id := range uint64(1000) {
		script = script.add(frame.Header{Kind: frame.Ping, ID: id + 1}, "")
	}
	for range 3 * maxWaiting / len(script) {
		_, err := b.Write(script)
		require.NoError(t, err)
	}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	require.LessOrEqual(t, len(c.out.waiting), 2*maxWaiting+frame.HeaderSize)
}

// A Pong also answers what was asked before it.
func TestUnansweredPings(t *testing.T) {
	a, b := net.Pipe()
	c := New(transport.FromConn(a), Config{})
	defer c.Close(nil)
	defer b.Close()
	go func() {
		p := make([]byte, frame.HeaderSize)
		for {
			if _, err := b.Read(p); err != nil {
				return
			}
		}
	}()
	for range 5 {
		c.Ping()
	}
	require.Equal(t, 5, c.Unanswered())
	_, err := b.Write(frames{}.add(frame.Header{Kind: frame.Pong, ID: 3}, "").add(frame.Header{Kind: frame.Pong, ID: 4}, ""))
	require.NoError(t, err)
	for c.Unanswered() != 1 {
		time.Sleep(time.Millisecond)
	}
	_, err = b.Write(frames{}.add(frame.Header{Kind: frame.Pong, ID: 4}, ""))
	require.NoError(t, err)
	<-c.Done()
	require.ErrorContains(t, c.Err(), "answer to Ping 4 of 5, after that to 4")
}
