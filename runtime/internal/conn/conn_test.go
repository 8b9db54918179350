package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// text is the argument and the reply of every method here.
type text struct{ s string }

func (m *text) Encode(e *codec.Encoder) { e.String(m.s) }
func (m *text) Decode(d *codec.Decoder) { m.s = d.String() }

// methods is a registry of handlers from text to text.
type methods map[string]func(context.Context, string) (string, error)

func (ms methods) lookup(name string, gob bool) (codec.Handler, error) {
	f := ms[name]
	if f == nil || gob {
		return nil, fmt.Errorf("no method %s", name)
	}
	return func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		var in text
		if err := dec.Message(&in); err != nil {
			return err
		}
		out, err := f(ctx, in.s)
		enc.Message(&text{out})
		return err
	}, nil
}

var echo = methods{"echo": func(_ context.Context, s string) (string, error) { return s, nil }}

// streams are the transports that every test runs over.
var streams = map[string]func(testing.TB) (a, b transport.Stream){
	"unix": func(t testing.TB) (a, b transport.Stream) { return dialed(t, "unix", t.TempDir()+"/s") },
	"tcp":  func(t testing.TB) (a, b transport.Stream) { return dialed(t, "tcp", "127.0.0.1:0") },
	"pipe": func(testing.TB) (a, b transport.Stream) { return transport.Pipe() },
}

func dialed(t testing.TB, network, address string) (a, b transport.Stream) {
	l, err := net.Listen(network, address)
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		nc, _ := l.Accept()
		accepted <- nc
	}()
	nc, err := net.Dial(network, l.Addr().String())
	require.NoError(t, err)
	return transport.FromConn(nc), transport.FromConn(<-accepted)
}

// over runs a test over every transport and checks that it leaves no goroutine.
func over(t *testing.T, host, plugin Config, f func(t *testing.T, h, p *Conn)) {
	for name, pair := range streams {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			a, b := pair(t)
			h, p := New(a, host), New(b, plugin)
			f(t, h, p)
			h.Close(nil)
			p.Close(nil)
			requireGoroutines(t, before)
		})
	}
}

// requireGoroutines waits until no more goroutines run than before: those that
// have just been told to end need a moment.
func requireGoroutines(t testing.TB, before int) {
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func invoke(c *Conn, ctx context.Context, method, arg string) (string, Fate, error) {
	var reply text
	fate, err := c.Call(ctx, method, false, &text{arg}, &reply)
	return reply.s, fate, err
}

func TestCall(t *testing.T) {
	over(t, Config{}, Config{Lookup: echo.lookup}, func(t *testing.T, h, p *Conn) {
		for i := range 100 {
			arg := strings.Repeat("x", i*17)
			got, fate, err := invoke(h, t.Context(), "echo", arg)
			require.NoError(t, err)
			require.Equal(t, Executed, fate)
			require.Equal(t, arg, got)
		}
	})
}

func TestManyCallersBothWays(t *testing.T) {
	over(t, Config{Lookup: echo.lookup}, Config{Lookup: echo.lookup}, func(t *testing.T, h, p *Conn) {
		var wg sync.WaitGroup
		for i := range 64 {
			for _, c := range []*Conn{h, p} {
				wg.Go(func() {
					for j := range 50 {
						arg := fmt.Sprint(i, " ", j)
						got, _, err := invoke(c, t.Context(), "echo", arg)
						if err != nil || got != arg {
							t.Errorf("got %q, %v for %q", got, err, arg)
							return
						}
					}
				})
			}
		}
		wg.Wait()
	})
}

func TestErrorOfTheImplementation(t *testing.T) {
	ms := methods{"fail": func(_ context.Context, s string) (string, error) { return s, fmt.Errorf("read %s: %w", s, io.EOF) }}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		got, fate, err := invoke(h, t.Context(), "fail", "x")
		require.EqualError(t, err, "read x: EOF")
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, Executed, fate)
		require.Equal(t, "x", got, "results come with the error")
	})
}

func TestUnknownMethodIsNotDelivered(t *testing.T) {
	over(t, Config{}, Config{Lookup: echo.lookup}, func(t *testing.T, h, p *Conn) {
		_, fate, err := invoke(h, t.Context(), "nope", "")
		require.EqualError(t, err, "no method nope")
		require.Equal(t, NotDelivered, fate)
		_, fate, err = invoke(p, t.Context(), "echo", "")
		require.ErrorContains(t, err, "nothing is registered")
		require.Equal(t, NotDelivered, fate)
	})
}

func TestPanic(t *testing.T) {
	ms := methods{
		"panic": func(context.Context, string) (string, error) { panic("boom") },
		"exit":  func(context.Context, string) (string, error) { runtime.Goexit(); return "", nil },
		"both": func(context.Context, string) (string, error) {
			defer func() { panic("bang") }() // which is recovered, and the goroutine ends all the same
			runtime.Goexit()
			return "", nil
		},
		"echo": echo["echo"],
	}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		for method, value := range map[string]string{"panic": "boom", "exit": "runtime.Goexit", "both": "bang"} {
			_, fate, err := invoke(h, t.Context(), method, "")
			require.Equal(t, Executed, fate)
			var pe *PanicError
			require.ErrorAs(t, err, &pe)
			require.Contains(t, pe.Value, value)
			require.Contains(t, pe.Stack, "conn_test.go", "the stack shows the method")
			got, _, err := invoke(h, t.Context(), "echo", "alive")
			require.NoError(t, err)
			require.Equal(t, "alive", got)
		}
	})
}

// A blocker is a handler that tells when it runs and waits for its context or release.
type blocker struct{ running, release chan struct{} }

func newBlocker() *blocker { return &blocker{make(chan struct{}, 100), make(chan struct{})} }

func (b *blocker) handle(ctx context.Context, s string) (string, error) {
	b.running <- struct{}{}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-b.release:
		return s, nil
	}
}

func TestCancelReachesTheHandler(t *testing.T) {
	b := newBlocker()
	ended := make(chan error, 1)
	ms := methods{"block": func(ctx context.Context, s string) (string, error) {
		r, err := b.handle(ctx, s)
		ended <- ctx.Err()
		return r, err
	}}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-b.running; cancel() }()
		_, fate, err := invoke(h, ctx, "block", "")
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, MaybeExecuted, fate)
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func TestDeadlineReachesTheHandler(t *testing.T) {
	seen := make(chan bool, 1)
	ended := make(chan error, 1)
	ms := methods{"block": func(ctx context.Context, s string) (string, error) {
		_, ok := ctx.Deadline()
		seen <- ok
		<-ctx.Done()
		ended <- ctx.Err()
		return "", ctx.Err()
	}}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		for limit, fate := 50*time.Millisecond, NotDelivered; fate == NotDelivered; limit *= 2 { // on a busy machine, it may be over before the call is sent
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			var err error
			_, fate, err = invoke(h, ctx, "block", "")
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		require.True(t, <-seen)
		require.Error(t, <-ended)
	})
}

func TestContextThatHasEnded(t *testing.T) {
	over(t, Config{}, Config{Lookup: echo.lookup}, func(t *testing.T, h, p *Conn) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, fate, err := invoke(h, ctx, "echo", "")
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, NotDelivered, fate)
	})
}

func TestMetadataCrosses(t *testing.T) {
	ms := methods{"who": func(ctx context.Context, s string) (string, error) { return fmt.Sprint(metadata.Incoming(ctx)), nil }}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		ctx := metadata.With(t.Context(), metadata.Pair{Key: "user", Value: "ann"})
		got, _, err := invoke(h, ctx, "who", "")
		require.NoError(t, err)
		require.Equal(t, "[{user ann}]", got)
	})
}

// A context that a handler has given away stays that of its call, whatever is served later.
func TestContextIsKeptAfterItsCall(t *testing.T) {
	var kept context.Context
	ms := methods{"call": func(ctx context.Context, s string) (string, error) {
		if s == "keep" {
			kept = ctx
		}
		return s, nil
	}}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		ctx := metadata.With(t.Context(), metadata.Pair{Key: "call", Value: "first"})
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		_, _, err := invoke(h, ctx, "call", "keep")
		require.NoError(t, err)
		for range 100 {
			_, _, err := invoke(h, metadata.With(t.Context(), metadata.Pair{Key: "call", Value: "later"}), "call", "")
			require.NoError(t, err)
		}
		_, has := kept.Deadline()
		require.True(t, has)
		require.Equal(t, "first", metadata.Incoming(kept)[0].Value)
		require.ErrorIs(t, kept.Err(), context.Canceled)
	})
}

// A slow handler holds up neither the calls behind it nor the notice of the end.
func TestSlowHandlerBesideOthers(t *testing.T) {
	b := newBlocker()
	ms := methods{"block": b.handle, "echo": echo["echo"]}
	over(t, Config{}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { _, _, _ = invoke(h, ctx, "block", "") })
		}
		for range 5 {
			<-b.running
		}
		got, _, err := invoke(h, t.Context(), "echo", "beside")
		require.NoError(t, err)
		require.Equal(t, "beside", got)
		cancel()
		wg.Wait()
	})
}

// A handler calls back, and the callback calls again.
func TestNestedCallbacks(t *testing.T) {
	var h, p *Conn
	down := func(c **Conn) methods {
		return methods{"down": func(ctx context.Context, s string) (string, error) {
			if s == "" {
				return "bottom", nil
			}
			got, _, err := invoke(*c, ctx, "down", s[1:])
			return s[:1] + got, err
		}}
	}
	over(t, Config{Lookup: down(&p).lookup}, Config{Lookup: down(&h).lookup}, func(t *testing.T, a, b *Conn) {
		// each side's handler calls over its own end
		h, p = b, a
		got, _, err := invoke(a, t.Context(), "down", "0123456789")
		require.NoError(t, err)
		require.Equal(t, "0123456789bottom", got)
	})
}

func TestLargeMessages(t *testing.T) {
	over(t, Config{}, Config{Lookup: echo.lookup}, func(t *testing.T, h, p *Conn) {
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				big := strings.Repeat(string(rune('a'+i)), 3<<20+i)
				got, _, err := invoke(h, t.Context(), "echo", big)
				if err != nil || got != big {
					t.Errorf("a large message did not come back: %d bytes, %v", len(got), err)
				}
			})
		}
		for range 16 {
			wg.Go(func() {
				for range 20 {
					got, _, err := invoke(h, t.Context(), "echo", "small")
					if err != nil || got != "small" {
						t.Errorf("got %q, %v", got, err)
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestMessageOverTheLimit(t *testing.T) {
	ms := methods{"grow": func(_ context.Context, s string) (string, error) { return strings.Repeat(s, 200), nil }, "echo": echo["echo"]}
	limit := Config{MaxMessage: 100 << 10, Lookup: ms.lookup}
	over(t, limit, limit, func(t *testing.T, h, p *Conn) {
		_, fate, err := invoke(h, t.Context(), "echo", strings.Repeat("x", 100<<10))
		require.ErrorContains(t, err, "message of 102408 bytes")
		require.Equal(t, NotDelivered, fate)
		_, fate, err = invoke(h, t.Context(), "grow", strings.Repeat("x", 1000))
		require.ErrorContains(t, err, "message of 200003 bytes")
		require.Equal(t, Executed, fate)
		_, _, err = invoke(h, t.Context(), "echo", "still alive")
		require.NoError(t, err)
	})
}

func TestCloseFailsPendingCalls(t *testing.T) {
	b := newBlocker()
	for _, closer := range []string{"host", "plugin"} {
		over(t, Config{}, Config{Lookup: methods{"block": b.handle}.lookup}, func(t *testing.T, h, p *Conn) {
			var wg sync.WaitGroup
			errs := make(chan error, 3)
			for range 3 {
				wg.Go(func() {
					_, fate, err := invoke(h, context.Background(), "block", "")
					if fate != MaybeExecuted {
						t.Errorf("fate %v", fate)
					}
					errs <- err
				})
				<-b.running
			}
			why, want := errors.New("enough"), io.ErrUnexpectedEOF
			if closer == "host" {
				h.Close(why)
				want = why
			} else {
				p.Close(why)
			}
			wg.Wait()
			for range 3 {
				require.ErrorIs(t, <-errs, want)
			}
			<-h.Done()
			<-p.Done()
			_, fate, err := invoke(h, context.Background(), "block", "")
			require.ErrorIs(t, err, want)
			require.Equal(t, NotDelivered, fate)
		})
	}
}

func TestDrain(t *testing.T) {
	b := newBlocker()
	over(t, Config{}, Config{Lookup: methods{"block": b.handle, "echo": echo["echo"]}.lookup}, func(t *testing.T, h, p *Conn) {
		b.release = make(chan struct{})
		result := make(chan error, 1)
		go func() {
			_, _, err := invoke(h, context.Background(), "block", "")
			result <- err
		}()
		<-b.running
		short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, h.Drain(short), context.DeadlineExceeded, "a call is in flight")
		_, fate, err := invoke(h, t.Context(), "echo", "")
		require.ErrorIs(t, err, ErrDraining)
		require.Equal(t, NotDelivered, fate)
		for !p.Drained() { // soon, but a busy machine takes its time
			runtime.Gosched()
		}
		close(b.release)
		require.NoError(t, h.Drain(t.Context()))
		require.NoError(t, <-result)
	})
}

// A peer that reads nothing holds nobody whose context ends.
func TestPeerThatDoesNotRead(t *testing.T) {
	for name, pair := range streams {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			defer b.Close()
			h := New(a, Config{})
			defer h.Close(nil)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() {
					_, _, err := invoke(h, ctx, "echo", strings.Repeat("x", i*1000))
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v", err)
					}
				})
			}
			wg.Wait()
		})
	}
}
