package conn

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

var errLeft = errors.New("left")

// leave is Leave, and then Close.
func leave(t *testing.T, c *Conn) {
	_ = c.Leave(t.Context(), errLeft)
	c.Close(errLeft)
}

// quiet tells whether nothing of c is in flight.
func quiet(c *Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nothingLocked()
}

// alone is a connection to a peer that the test plays.
func alone(t *testing.T, cfg Config) (c *Conn, peer transport.Stream) {
	a, b := streams["tcp"](t)
	c = New(a, cfg)
	t.Cleanup(func() {
		c.Close(nil)
		_ = b.Close()
	})
	return c, b
}

// hear reads a frame without a payload.
func hear(t *testing.T, peer io.Reader) frame.Header {
	t.Helper()
	var b [frame.HeaderSize]byte
	_, err := io.ReadFull(peer, b[:])
	require.NoError(t, err)
	h, err := frame.Parse(b[:])
	require.NoError(t, err)
	h.CPU = 0
	return h
}

func utter(t *testing.T, peer io.Writer, h frame.Header, payload string) {
	t.Helper()
	_, err := peer.Write(frames{}.add(h, payload))
	require.NoError(t, err)
}

// The answer of a peer that has nothing in flight either is the end.
func TestLeave(t *testing.T) {
	c, peer := alone(t, Config{Leaves: true})
	left := make(chan struct{})
	go func() { leave(t, c); close(left) }()
	require.Equal(t, frame.Header{Kind: frame.Drain, Flags: frame.Final}, hear(t, peer))
	select {
	case <-c.Done():
		t.Error("the peer has not answered")
	default:
	}
	utter(t, peer, frame.Header{Kind: frame.DrainAck, Flags: frame.Final}, "")
	<-left
	require.Equal(t, errLeft, c.Err())
}

// A peer that does not know the flags gets none, and waits for this side to close the connection.
func TestLeaveOfAPeerThatIsOlder(t *testing.T) {
	c, peer := alone(t, Config{})
	left := make(chan struct{})
	go func() { leave(t, c); close(left) }()
	require.Equal(t, frame.Header{Kind: frame.Drain}, hear(t, peer))
	utter(t, peer, frame.Header{Kind: frame.DrainAck}, "")
	<-left
	require.Equal(t, errLeft, c.Err())
	_, err := peer.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

func TestPeerThatIsOlderLeaves(t *testing.T) {
	c, peer := alone(t, Config{})
	utter(t, peer, frame.Header{Kind: frame.Drain}, "")
	require.Equal(t, frame.Header{Kind: frame.DrainAck}, hear(t, peer))
	require.NoError(t, peer.Close())
	<-c.Done()
	require.True(t, c.Drained())
}

func TestPeerLeaves(t *testing.T) {
	c, peer := alone(t, Config{Lookup: echo.lookup})
	utter(t, peer, frame.Header{Kind: frame.Call, ID: 1}, echoCall)
	_, err := io.ReadFull(peer, make([]byte, frame.HeaderSize+3))
	require.NoError(t, err)
	for !quiet(c) { // the reply may be read before it is noted that it was written
		runtime.Gosched()
	}
	utter(t, peer, frame.Header{Kind: frame.Drain, Flags: frame.Final}, "")
	require.Equal(t, frame.Header{Kind: frame.DrainAck, Flags: frame.Final}, hear(t, peer))
	if runtime.GOOS != "windows" {
		_, err = peer.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err, "it need not be told to end")
	} else { // a goroutine writes the answer there, and may still be at it
		require.NoError(t, peer.Close())
	}
	<-c.Done()
	require.Equal(t, io.ErrUnexpectedEOF, c.Err(), "as if the peer had closed it")
	require.True(t, c.Drained())
}

// A side with a call in flight waits for the end of that, whichever side leaves.
func TestLeaveWithCallsInFlight(t *testing.T) {
	b := newBlocker()
	b.release = make(chan struct{})
	cfg := Config{Lookup: methods{"block": b.handle}.lookup}
	for name, test := range map[string]func(t *testing.T, c *Conn, peer transport.Stream) (end func()){
		"made by who leaves": func(t *testing.T, c *Conn, peer transport.Stream) (end func()) {
			result := make(chan error, 1)
			go func() {
				_, _, err := invoke(c, t.Context(), "echo", "hi")
				result <- err
			}()
			_, err := io.ReadFull(peer, make([]byte, frame.HeaderSize+len(echoCall)))
			require.NoError(t, err)
			go leave(t, c)
			require.Equal(t, frame.Header{Kind: frame.Drain}, hear(t, peer))
			utter(t, peer, frame.Header{Kind: frame.DrainAck}, "")
			return func() {
				utter(t, peer, frame.Header{Kind: frame.Reply, ID: 1}, "\x02hi")
				require.NoError(t, <-result)
			}
		},
		"served by who leaves": func(t *testing.T, c *Conn, peer transport.Stream) (end func()) {
			utter(t, peer, frame.Header{Kind: frame.Call, ID: 1}, "\x05block\x00")
			<-b.running
			go leave(t, c)
			require.Equal(t, frame.Header{Kind: frame.Drain}, hear(t, peer))
			utter(t, peer, frame.Header{Kind: frame.DrainAck}, "")
			return func() { b.release <- struct{}{} }
		},
		"made by who answers": func(t *testing.T, c *Conn, peer transport.Stream) (end func()) {
			result := make(chan error, 1)
			go func() {
				_, _, err := invoke(c, t.Context(), "echo", "hi")
				result <- err
			}()
			_, err := io.ReadFull(peer, make([]byte, frame.HeaderSize+len(echoCall)))
			require.NoError(t, err)
			utter(t, peer, frame.Header{Kind: frame.Drain, Flags: frame.Final}, "")
			require.Equal(t, frame.Header{Kind: frame.DrainAck}, hear(t, peer))
			return func() {
				utter(t, peer, frame.Header{Kind: frame.Reply, ID: 1}, "\x02hi")
				require.NoError(t, <-result)
				require.NoError(t, peer.Close())
			}
		},
		"served by who answers": func(t *testing.T, c *Conn, peer transport.Stream) (end func()) {
			utter(t, peer, frame.Header{Kind: frame.Call, ID: 1}, "\x05block\x00")
			<-b.running
			utter(t, peer, frame.Header{Kind: frame.Drain, Flags: frame.Final}, "")
			require.Equal(t, frame.Header{Kind: frame.DrainAck}, hear(t, peer))
			return func() {
				b.release <- struct{}{}
				_, err := io.ReadFull(peer, make([]byte, frame.HeaderSize+1))
				require.NoError(t, err)
				require.NoError(t, peer.Close())
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, peer := alone(t, cfg)
			end := test(t, c, peer)
			select {
			case <-c.Done():
				t.Error("ended with a call in flight")
			default:
			}
			end()
			<-c.Done()
		})
	}
}

func TestFinalAnswerThatWasNotOffered(t *testing.T) {
	c, peer := alone(t, Config{})
	drained := make(chan error, 1)
	go func() { drained <- c.Drain(t.Context()) }()
	require.Equal(t, frame.Header{Kind: frame.Drain}, hear(t, peer))
	utter(t, peer, frame.Header{Kind: frame.DrainAck, Flags: frame.Final}, "")
	<-c.Done()
	require.ErrorContains(t, c.Err(), "final DrainAck of a Drain that was not final")
	<-drained
}

func TestBothLeaveAtOnce(t *testing.T) {
	for name, pair := range streams {
		t.Run(name, func(t *testing.T) {
			for range 50 {
				a, b := pair(t)
				h, p := New(a, Config{Leaves: true}), New(b, Config{Leaves: true})
				var wg sync.WaitGroup
				for _, c := range []*Conn{h, p} {
					wg.Go(func() { leave(t, c) })
				}
				wg.Wait()
				for _, c := range []*Conn{h, p} {
					require.Contains(t, []error{errLeft, io.ErrUnexpectedEOF}, c.Err())
				}
			}
		})
	}
}

// Calls that have had their time are cancelled, and their replies are waited for.
func TestCancelCalls(t *testing.T) {
	for leaves, flags := range map[bool]frame.Flags{true: frame.Leaving, false: 0} {
		c, peer := alone(t, Config{Leaves: leaves})
		result := make(chan string, 1)
		go func() {
			got, _, _ := invoke(c, t.Context(), "echo", "hi")
			result <- got
		}()
		_, err := io.ReadFull(peer, make([]byte, frame.HeaderSize+len(echoCall)))
		require.NoError(t, err)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.Equal(t, context.Canceled, c.Leave(ended, errLeft))
		require.Equal(t, frame.Header{Kind: frame.Drain}, hear(t, peer))
		require.False(t, c.Cancelled())
		c.CancelCalls()
		require.True(t, c.Cancelled())
		require.Equal(t, frame.Header{Kind: frame.Cancel, Flags: flags, ID: 1}, hear(t, peer))
		utter(t, peer, frame.Header{Kind: frame.DrainAck}, "")
		utter(t, peer, frame.Header{Kind: frame.Reply, ID: 1}, "\x02hi")
		require.NoError(t, c.Leave(t.Context(), errLeft))
		require.Equal(t, "hi", <-result)
	}
}

// The context of a handler says why it has ended, and what is made of it does.
func TestCallsThatThePeerCancelsWhenItLeaves(t *testing.T) {
	for flags, want := range map[frame.Flags][2]error{
		frame.Leaving:  {context.Canceled, errLeft},
		0:              {context.Canceled, context.Canceled},
		frame.Deadline: {context.DeadlineExceeded, context.DeadlineExceeded},
	} {
		running, over := make(chan struct{}), make(chan [4]error, 1)
		_, peer := alone(t, Config{Left: errLeft, Lookup: methods{"wait": func(ctx context.Context, _ string) (string, error) {
			derived, cancel := context.WithCancel(ctx)
			defer cancel()
			close(running)
			<-derived.Done()
			over <- [4]error{ctx.Err(), context.Cause(ctx), derived.Err(), context.Cause(derived)}
			return "", nil
		}}.lookup})
		utter(t, peer, frame.Header{Kind: frame.Call, ID: 1}, "\x04wait\x00")
		<-running
		utter(t, peer, frame.Header{Kind: frame.Cancel, Flags: flags, ID: 1}, "")
		require.Equal(t, [4]error{want[0], want[1], want[0], want[1]}, <-over)
		require.Equal(t, frame.Header{Kind: frame.Reply, ID: 1, Length: 1}, hear(t, peer))
	}
}

// The connection does not end before the answer is written, whoever writes that.
func TestAnswerFromElsewhere(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("nobody answers beside who reads")
	}
	for i := range 2000 {
		a, b := transport.Pipe()
		h, p := New(a, Config{Leaves: true}), New(b, Config{Draining: func(answer func()) {
			var begun atomic.Bool
			go func() { begun.Store(true); answer() }()
			for !begun.Load() {
			}
			for range i % 300 { // until it is just at it
				begun.Load()
			}
		}})
		leave(t, h)
		require.Equal(t, errLeft, h.Err())
		<-p.Done()
		p.Close(nil)
	}
}

func TestReturnedWaitsForHandlers(t *testing.T) {
	begun, release := make(chan struct{}, 1), make(chan struct{}, 1)
	ms := methods{"hang": func(context.Context, string) (string, error) {
		begun <- struct{}{}
		<-release
		return "", nil
	}}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		go func() { _, _, _ = invoke(h, context.Background(), "hang", "") }()
		<-begun
		h.Close(nil)
		<-p.Done()
		returned := p.Returned()
		require.False(t, isClosed(returned))
		release <- struct{}{}
		<-returned
		require.True(t, isClosed(p.Returned()))
		require.True(t, isClosed(h.Returned()))
	})
}

// A handler that heeds its context may have returned before anybody asks.
func TestHandlersThatTheEndInterrupts(t *testing.T) {
	began := make(chan struct{})
	heed := func(ctx context.Context, _ string) (string, error) {
		close(began)
		<-ctx.Done()
		return "", ctx.Err()
	}
	c, peer := alone(t, Config{Lookup: methods{"echo": heed}.lookup})
	utter(t, peer, frame.Header{Kind: frame.Call, ID: 1}, echoCall)
	<-began
	require.Zero(t, c.Cut())
	require.NoError(t, peer.Close())
	<-c.Returned()
	require.Equal(t, 1, c.Cut())
}
