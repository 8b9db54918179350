package conn

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// soon is how long the watcher may take to act.
const soon = 3 * tick

// onTheClock runs a test whose clock goes on only when everybody waits. What it
// is given connects a host to a plugin with these methods.
func onTheClock(t *testing.T, f func(t *testing.T, connect func(methods) (h, p *Conn))) {
	synctest.Test(t, func(t *testing.T) {
		f(t, func(ms methods) (h, p *Conn) {
			a, b := transport.Pipe()
			h, p = New(a, Config{}), New(b, Config{Lookup: ms.lookup})
			t.Cleanup(func() {
				h.Close(nil)
				p.Close(nil)
			})
			return h, p
		})
	})
}

// stubborn has a method that ignores its context until release is closed.
func stubborn(release <-chan struct{}) methods {
	return methods{
		"hang": func(context.Context, string) (string, error) { <-release; return "", nil },
		"echo": echo["echo"],
	}
}

// asked counts how often it is asked when it ends.
type asked struct {
	context.Context
	times atomic.Int32
}

func (a *asked) Done() <-chan struct{} {
	a.times.Add(1)
	return a.Context.Done()
}

// Package context makes a channel when it is asked, which takes a tenth of a small call.
func TestQuickCallDoesNotAskWhenItsDeadlineIs(t *testing.T) {
	onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
		h, _ := connect(echo)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, _, err := invoke(h, ctx, "echo", "") // which waits for the peer to begin to read
		require.NoError(t, err)
		a := &asked{Context: ctx}
		_, _, err = invoke(h, a, "echo", "")
		require.NoError(t, err)
		require.Zero(t, a.times.Load())
	})
}

// The caller holds the reader role at first, and is back in time nevertheless.
func TestCallerIsBackWhenItsContextEnds(t *testing.T) {
	for _, life := range []time.Duration{tick / 2, time.Hour} {
		onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
			release := make(chan struct{})
			defer close(release)
			h, _ := connect(stubborn(release))
			lead := func() time.Time { // who calls next finds the role free
				_, _, err := invoke(h, t.Context(), "echo", "")
				require.NoError(t, err)
				synctest.Wait()
				h.mu.Lock()
				defer h.mu.Unlock()
				require.Equal(t, free, h.role.holder)
				return time.Now()
			}

			begun := lead()
			ctx, cancel := context.WithTimeout(t.Context(), life)
			defer cancel()
			_, fate, err := invoke(h, ctx, "hang", "")
			require.Equal(t, context.DeadlineExceeded, err)
			require.Equal(t, MaybeExecuted, fate)
			require.LessOrEqual(t, time.Since(begun)-life, soon)

			begun = lead()
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(life, cancel)
			_, fate, err = invoke(h, ctx, "hang", "")
			require.Equal(t, context.Canceled, err)
			require.Equal(t, MaybeExecuted, fate)
			require.LessOrEqual(t, time.Since(begun)-life, soon)
		})
	}
}

func TestHandlerSeesWhyItsCallEnded(t *testing.T) {
	onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
		ended := make(chan error, 1)
		h, _ := connect(methods{"wait": func(ctx context.Context, _ string) (string, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return "", ctx.Err()
		}})
		for range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _, err := invoke(h, ctx, "wait", "")
			require.Equal(t, context.DeadlineExceeded, err)
			require.Equal(t, context.DeadlineExceeded, <-ended)
			cancel()

			ctx, cancel = context.WithTimeout(t.Context(), time.Second)
			time.AfterFunc(time.Second/2, cancel)
			_, _, err = invoke(h, ctx, "wait", "")
			require.Equal(t, context.Canceled, err)
			require.Equal(t, context.Canceled, <-ended)
		}
	})
}

// The first time, the watcher finds out. Then the handler gets a goroutine of its own.
func TestSlowHandlersHoldUpNobody(t *testing.T) {
	onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
		release := make(chan struct{})
		defer close(release)
		h, _ := connect(stubborn(release))
		for i := range 10 {
			go func() { _, _, _ = invoke(h, context.Background(), "hang", "") }()
			synctest.Wait()
			begun := time.Now()
			_, _, err := invoke(h, t.Context(), "echo", "")
			require.NoError(t, err)
			if i == 0 {
				require.LessOrEqual(t, time.Since(begun), round+2*tick)
			} else {
				require.Zero(t, time.Since(begun))
			}
		}
	})
}

func TestSlowHandlersAreTrustedAgain(t *testing.T) {
	onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
		release := make(chan struct{})
		h, p := connect(stubborn(release))
		hang := func() { _, _, _ = invoke(h, context.Background(), "hang", "") }
		slow := func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.known[0]["hang"].pace.slow()
		}
		go hang()
		time.Sleep(time.Second)
		require.True(t, slow())
		close(release)
		for range distrust {
			require.True(t, slow())
			hang()
		}
		synctest.Wait()
		require.False(t, slow())
	})
}

// An idle connection does not keep a processor awake.
func TestWatcherParks(t *testing.T) {
	onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
		h, p := connect(echo)
		for range 3 {
			_, _, err := invoke(h, t.Context(), "echo", "")
			require.NoError(t, err)
			time.Sleep(time.Minute)
			for _, c := range []*Conn{h, p} {
				c.mu.Lock()
				require.True(t, c.role.parked)
				c.mu.Unlock()
			}
		}
	})
}

// The reply to the first of two calls that came together leaves alone if that
// takes so long that everything else is over, and the watcher parks.
func TestSlowReplyIsNotLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBlocker()
		_, peer := scripted(t, Config{Lookup: methods{"block": b.handle, "echo": echo["echo"]}.lookup})
		_, err := peer.Write(frames{}.add(frame.Header{Kind: frame.Call, ID: 1}, "\x05block\x00").add(frame.Header{Kind: frame.Call, ID: 2}, echoCall))
		require.NoError(t, err)
		replies := make(chan uint64, 2)
		go func() {
			var head [frame.HeaderSize]byte
			for {
				if _, err := io.ReadFull(peer, head[:]); err != nil {
					return
				}
				h, _ := frame.Parse(head[:])
				_, _ = io.CopyN(io.Discard, peer, int64(h.Length))
				replies <- h.ID
			}
		}()
		require.Equal(t, uint64(2), <-replies)
		time.Sleep(time.Minute)
		close(b.release)
		select {
		case id := <-replies:
			require.Equal(t, uint64(1), id)
		case <-time.After(time.Minute):
			require.Fail(t, "the reply waits for others to come")
		}
	})
}

// A call may be there already when the connection is made. What its handler needs has been put
// in place before.
func TestOpenedComesBeforeTheFirstHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := transport.Pipe()
		h := New(a, Config{})
		defer h.Close(nil)
		var place *Conn
		answered := make(chan error)
		go func() {
			_, _, err := invoke(h, t.Context(), "look", "")
			answered <- err
		}()
		synctest.Wait() // until the call is written
		seen := make(chan *Conn, 1)
		p := New(b, Config{
			Opened: func(c *Conn) {
				synctest.Wait() // until a reader, if there were one, has served the call
				place = c
			},
			Lookup: methods{"look": func(context.Context, string) (string, error) { seen <- place; return "", nil }}.lookup,
		})
		defer p.Close(nil)
		require.NoError(t, <-answered)
		require.Same(t, p, <-seen)
	})
}

// The end of a connection that nobody reads waits for no tick of the watcher.
func TestDrainAndCloseTakeNoTime(t *testing.T) {
	onTheClock(t, func(t *testing.T, connect func(methods) (h, p *Conn)) {
		h, p := connect(echo)
		_, _, err := invoke(h, t.Context(), "echo", "")
		require.NoError(t, err)
		synctest.Wait()
		begun := time.Now()
		require.NoError(t, h.Drain(t.Context()))
		h.Close(nil)
		p.Close(nil)
		require.Zero(t, time.Since(begun))
	})
}

// Callbacks run one after the other on the goroutine that reads on for the caller, which
// nevertheless is back when its reply is there, or its context ends.
func TestCallbackHoldsUpNeitherItsCallerNorOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		a, b := transport.Pipe()
		var h, p *Conn
		back := func(method string) func(context.Context, string) (string, error) {
			return func(ctx context.Context, s string) (string, error) {
				got, _, err := invoke(p, ctx, method, s)
				return got, err
			}
		}
		h = New(a, Config{Lookup: stubborn(release).lookup})
		p = New(b, Config{Lookup: methods{
			"back": back("echo"),
			"hang": back("hang"),
			"leave": func(context.Context, string) (string, error) {
				go func() { _, _, _ = invoke(p, context.Background(), "hang", "") }()
				synctest.Wait() // until the host hangs
				return "", nil
			},
		}.lookup})
		defer p.Close(nil)
		defer h.Close(nil)
		defer close(release)

		got, _, err := invoke(h, t.Context(), "back", "there")
		require.NoError(t, err)
		require.Equal(t, "there", got)

		begun := time.Now()
		_, _, err = invoke(h, t.Context(), "leave", "")
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(begun), round+2*tick)

		begun = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		hung := make(chan error)
		go func() {
			_, _, err := invoke(h, ctx, "hang", "")
			hung <- err
		}()
		synctest.Wait()
		_, _, err = invoke(h, t.Context(), "back", "")
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(begun), round+2*tick)
		require.Equal(t, context.DeadlineExceeded, <-hung)
		require.LessOrEqual(t, time.Since(begun)-time.Hour, soon)
	})
}

// Who is idle hears of it once, and not while a call is under way.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var idle atomic.Int32
		a, b := transport.Pipe()
		h, p := New(a, Config{}), New(b, Config{Lookup: stubborn(release).lookup, Idle: func() { idle.Add(1) }})
		defer p.Close(nil)
		defer h.Close(nil)
		after := func(d time.Duration) int {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			return int(idle.Load())
		}
		call := func(method string) {
			_, _, err := invoke(h, t.Context(), method, "")
			require.NoError(t, err)
		}
		require.Equal(t, 1, after(time.Hour), "it was never called")

		for range 10 {
			call("echo")
			require.Equal(t, 1, after(IdleTime/2))
		}
		require.Equal(t, 2, after(IdleTime))
		require.Equal(t, 2, after(time.Hour), "nothing has happened since")

		returned := make(chan struct{})
		go func() {
			defer close(returned)
			call("hang")
		}()
		require.Equal(t, 2, after(time.Hour), "a call is under way")
		close(release)
		<-returned
		require.Equal(t, 3, after(time.Hour))
	})
}
