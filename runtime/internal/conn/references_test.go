package conn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"math/rand"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// shouter is an interface that travels by reference, with what the generator
// would write for it.
type shouter interface {
	Shout(ctx context.Context, s string) (string, error)
	Close() error
}

type shouterProxy struct{ ref *codec.Reference }

func (p *shouterProxy) Shout(ctx context.Context, s string) (string, error) {
	var reply text
	err := p.ref.CallContext(ctx, "Shout", &text{s}, &reply)
	return reply.s, err
}

func (p *shouterProxy) Close() error { return p.ref.Close(p.ref.Context()) }

var shouterContract = codec.Contract{Name: "shouter", Methods: []codec.Method{{Name: "Close"}, {Name: "Shout"}}}

func shouterService(impl shouter) *codec.Service {
	return &codec.Service{Contract: &shouterContract, Handlers: []codec.Handler{
		func(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
			if err := dec.Message(&codec.Nothing{}); err != nil {
				return err
			}
			return impl.Close()
		},
		func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			var in text
			if err := dec.Message(&in); err != nil {
				return err
			}
			out, err := impl.Shout(ctx, in.s)
			enc.Message(&text{out})
			return err
		},
	}}
}

// shouters is a message that mentions some.
type shouters []shouter

func (m *shouters) Encode(e *codec.Encoder) {
	codec.EncodeSlice(e, *m, encodeShouter)
}

func (m *shouters) Decode(d *codec.Decoder) { *m = codec.DecodeSlice(d, decodeShouter) }

func encodeShouter(e *codec.Encoder, v shouter) {
	p, _ := v.(*shouterProxy)
	var home *codec.Reference
	if p != nil {
		home = p.ref
	}
	codec.EncodeInterface(e, v == nil, v, home, func() *codec.Service { return shouterService(v) })
}

func decodeShouter(d *codec.Decoder) shouter {
	return codec.DecodeInterface(d, func(r *codec.Reference) shouter { return &shouterProxy{r} })
}

// upper shouts.
type upper struct{ closed chan struct{} }

func (u *upper) Shout(_ context.Context, s string) (string, error) { return strings.ToUpper(s), nil }
func (u *upper) Close() error                                      { close(u.closed); return nil }

// handlers is a registry of handlers of messages.
type handlers map[string]codec.Handler

func (hs handlers) lookup(name string, _ bool) (codec.Handler, error) {
	if hs[name] == nil {
		return nil, errors.New("no such method")
	}
	return hs[name], nil
}

// requireReferences waits until each side keeps n things for the other.
func requireReferences(t *testing.T, n int, h, p *Conn) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		runtime.GC()
		a, b := h.References()
		c, d := p.References()
		if a+c == n && b+d == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("host keeps %d for the plugin, which knows of %d; the plugin keeps %d, the host knows of %d; want %d in all", a, d, c, b, n)
		}
	}
}

func TestReferenceIsCalledAndComesHome(t *testing.T) {
	mine := &upper{closed: make(chan struct{})}
	serve := handlers{
		"back": func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			var m shouters
			if err := dec.Message(&m); err != nil {
				return err
			}
			said, err := m[0].Shout(ctx, "hello")
			if err != nil || said != "HELLO" || m[1] != nil {
				return errors.New("wrong")
			}
			enc.Message(&shouters{m[0], nil, mine})
			return nil
		},
	}
	over(t, Config{}, Config{Lookup: serve.lookup}, func(t *testing.T, h, p *Conn) {
		mine.closed = make(chan struct{})
		own := &upper{}
		var reply shouters
		_, err := h.Call(t.Context(), "back", false, &shouters{own, nil}, &reply)
		require.NoError(t, err)
		require.Len(t, reply, 3)
		require.Same(t, own, reply[0], "what comes home is the original")
		require.Nil(t, reply[1])
		said, err := reply[2].Shout(t.Context(), "there")
		require.NoError(t, err)
		require.Equal(t, "THERE", said)
		require.NoError(t, reply[2].Close())
		<-mine.closed
		_, err = reply[2].Shout(t.Context(), "again")
		require.ErrorIs(t, err, codec.ErrReleased)
		require.ErrorIs(t, reply[2].Close(), codec.ErrReleased)
		requireReferences(t, 0, h, p)
	})
}

func TestReferencesThatNobodyTakes(t *testing.T) {
	never := make(chan struct{})
	serve := handlers{
		"drop": func(context.Context, *codec.Decoder, *codec.Encoder) error { return nil },
		"panic": func(_ context.Context, _ *codec.Decoder, e *codec.Encoder) error {
			e.Message(&shouters{&upper{}})
			panic("x")
		},
		"give": func(_ context.Context, _ *codec.Decoder, e *codec.Encoder) error {
			e.Message(&shouters{&upper{}})
			return nil
		},
		"late": func(ctx context.Context, _ *codec.Decoder, e *codec.Encoder) error {
			<-ctx.Done()
			e.Message(&shouters{&upper{}, &upper{}})
			close(never)
			return nil
		},
	}
	over(t, Config{}, Config{Lookup: serve.lookup}, func(t *testing.T, h, p *Conn) {
		never = make(chan struct{})
		for _, method := range []string{"drop", "panic", "no such"} {
			_, err := h.Call(t.Context(), method, false, &shouters{&upper{}, &upper{}}, &codec.Nothing{})
			require.Equal(t, method != "drop", err != nil)
			requireReferences(t, 0, h, p)
		}
		_, err := h.Call(t.Context(), "give", false, &codec.Nothing{}, &codec.Nothing{})
		require.ErrorContains(t, err, "bytes are left over")
		requireReferences(t, 0, h, p)

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		_, err = h.Call(ctx, "late", false, &codec.Nothing{}, &shouters{})
		require.ErrorIs(t, err, context.Canceled)
		<-never
		requireReferences(t, 0, h, p)

		_, err = h.Call(t.Context(), "drop", false, &unsendable{shouters{&upper{}}}, &codec.Nothing{})
		require.Error(t, err, "what is not sent is not kept")
		requireReferences(t, 0, h, p)
	})
}

// unsendable fails after it has mentioned something.
type unsendable struct{ shouters }

func (m *unsendable) Encode(e *codec.Encoder) {
	m.shouters.Encode(e)
	e.Fail(errors.New("no"))
}

// The context of a handler lives as long as what it returned, unless the caller's ends.
func TestContextOfWhatACallReturned(t *testing.T) {
	ended := make(chan error, 1)
	serve := handlers{
		"give": func(ctx context.Context, _ *codec.Decoder, e *codec.Encoder) error {
			context.AfterFunc(ctx, func() { ended <- ctx.Err() })
			e.Message(&shouters{&upper{closed: make(chan struct{})}})
			return nil
		},
	}
	over(t, Config{}, Config{Lookup: serve.lookup}, func(t *testing.T, h, p *Conn) {
		for _, end := range []string{"cancel", "close"} {
			ctx, cancel := context.WithCancel(t.Context())
			var reply shouters
			_, err := h.Call(ctx, "give", false, &codec.Nothing{}, &reply)
			require.NoError(t, err)
			_, err = reply[0].Shout(t.Context(), "x")
			require.NoError(t, err)
			require.Empty(t, ended)
			if end == "cancel" {
				cancel()
			} else {
				require.NoError(t, reply[0].Close())
			}
			require.ErrorIs(t, <-ended, context.Canceled)
			cancel()
			reply = nil
			requireReferences(t, 0, h, p)
		}
	})
}

// streams is a message that mentions one of each.
type streamsMessage struct {
	r    io.Reader
	w    io.Writer
	seq  iter.Seq2[int, string]
	recv <-chan string
	send chan<- string
}

type readerProxy struct{ ref *codec.Reference }

func (p readerProxy) Read(b []byte) (int, error) { return p.ref.Read(b) }

type writerProxy struct{ ref *codec.Reference }

func (p writerProxy) Write(b []byte) (int, error) { return p.ref.Write(b) }

func (m *streamsMessage) Encode(e *codec.Encoder) {
	codec.EncodeInterface(e, m.r == nil, m.r, nil, func() *codec.Service {
		return &codec.Service{Contract: &codec.Contract{Methods: []codec.Method{{Name: "Read"}}}, Handlers: []codec.Handler{codec.ReadHandler(m.r)}}
	})
	codec.EncodeInterface(e, m.w == nil, m.w, nil, func() *codec.Service {
		return &codec.Service{Contract: &codec.Contract{}, Writer: m.w}
	})
	codec.EncodeSeq2(e, m.seq, (*codec.Encoder).Int, (*codec.Encoder).String)
	codec.EncodeReceiver(e, m.recv, (*codec.Encoder).String)
	codec.EncodeSender(e, m.send, (*codec.Decoder).String)
}

func (m *streamsMessage) Decode(d *codec.Decoder) {
	m.r = codec.DecodeInterface(d, func(r *codec.Reference) io.Reader { return readerProxy{r} })
	m.w = codec.DecodeInterface(d, func(r *codec.Reference) io.Writer { return writerProxy{r} })
	m.seq = codec.DecodeSeq2(d, (*codec.Decoder).Int, (*codec.Decoder).String, codec.FailPanic)
	m.recv = codec.DecodeReceiver(d, (*codec.Decoder).String)
	m.send = codec.DecodeSender(d, (*codec.Encoder).String)
}

var errFull = errors.New("full")

// full is a writer that takes n bytes.
type full struct{ n int }

func (w *full) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func streamHandlers() handlers {
	serve := func(f func(ctx context.Context, m *streamsMessage) error) codec.Handler {
		return func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			var m streamsMessage
			if err := dec.Message(&m); err != nil {
				return err
			}
			return f(ctx, &m)
		}
	}
	return handlers{
		"copy": serve(func(_ context.Context, m *streamsMessage) error { _, err := io.Copy(m.w, m.r); return err }),
		"test": serve(func(_ context.Context, m *streamsMessage) error {
			return iotest.TestReader(m.r, []byte(strings.Repeat("0123456789", 5000)))
		}),
		"range": serve(func(_ context.Context, m *streamsMessage) error {
			want := 0
			for k, v := range m.seq {
				if k != want || v != strings.Repeat("x", k%5000) {
					return errors.New("wrong item")
				}
				want++
			}
			if want != 10_000 {
				return errors.New("items are missing")
			}
			for k := range m.seq { // again, and not to the end
				if k == 5000 {
					break
				}
			}
			return nil
		}),
		"relay": serve(func(_ context.Context, m *streamsMessage) error {
			for v := range m.recv {
				m.send <- v
			}
			close(m.send)
			return nil
		}),
	}
}

func TestStreams(t *testing.T) {
	data := make([]byte, 20<<20)
	rand.New(rand.NewSource(1)).Read(data)
	over(t, Config{}, Config{Lookup: streamHandlers().lookup}, func(t *testing.T, h, p *Conn) {
		call := func(method string, m streamsMessage) error {
			_, err := h.Call(t.Context(), method, false, &m, &codec.Nothing{})
			requireReferences(t, 0, h, p)
			return err
		}
		var got bytes.Buffer
		require.NoError(t, call("copy", streamsMessage{r: bytes.NewReader(data), w: &got}))
		require.True(t, bytes.Equal(data, got.Bytes()), "all of it is written when the call returns")

		require.ErrorContains(t, call("copy", streamsMessage{r: iotest.ErrReader(io.ErrNoProgress), w: &got}), io.ErrNoProgress.Error())
		require.ErrorContains(t, call("copy", streamsMessage{r: bytes.NewReader(data), w: &full{5 << 20}}), errFull.Error())
		require.ErrorContains(t, call("copy", streamsMessage{r: strings.NewReader("x"), w: &full{0}}), errFull.Error())

		for _, wrap := range []func(io.Reader) io.Reader{iotest.HalfReader, iotest.DataErrReader, iotest.OneByteReader} {
			require.NoError(t, call("test", streamsMessage{r: wrap(strings.NewReader(strings.Repeat("0123456789", 5000)))}))
		}

		require.NoError(t, call("range", streamsMessage{seq: func(yield func(int, string) bool) {
			for i := range 10_000 {
				if !yield(i, strings.Repeat("x", i%5000)) {
					return
				}
			}
		}}))

		in, out := make(chan string), make(chan string)
		go func() {
			defer close(in)
			for i := range 3000 {
				in <- strings.Repeat("y", i%700)
			}
		}()
		relayed := make(chan error, 1)
		go func() {
			_, err := h.Call(t.Context(), "relay", false, &streamsMessage{recv: in, send: out}, &codec.Nothing{})
			relayed <- err
		}()
		n := 0
		for v := range out {
			require.Equal(t, strings.Repeat("y", n%700), v)
			n++
		}
		require.Equal(t, 3000, n)
		require.NoError(t, <-relayed)
		requireReferences(t, 0, h, p)
	})
}

// opener returns a writer that takes what comes once the test lets it.
func opener(w io.Writer) handlers {
	return handlers{"open": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		if err := dec.Message(&codec.Nothing{}); err != nil {
			return err
		}
		enc.Message(&streamsMessage{w: w})
		return nil
	}}
}

// Bytes that went cannot be taken back: only a Write of which none did may be repeated.
func TestFateOfWrites(t *testing.T) {
	var fates []Fate
	explain := func(_ context.Context, _ string, fate Fate, err, _ error) error {
		fates = append(fates, fate)
		return err
	}
	for size, want := range map[int]Fate{3 * DefaultWindow: MaybeExecuted, 1: MaybeExecuted, 0: NotDelivered} {
		hang, taking := make(chan struct{}), make(chan struct{})
		begun := sync.OnceFunc(func() { close(taking) })
		slow := writerFunc(func(p []byte) (int, error) {
			begun()
			<-hang
			return len(p), nil
		})
		a, b := streams["tcp"](t)
		h, p := New(a, Config{Explain: explain}), New(b, Config{Lookup: opener(slow).lookup})
		var got streamsMessage
		_, err := h.Call(t.Context(), "open", false, &codec.Nothing{}, &got)
		require.NoError(t, err)
		write := func(size int) error {
			_, err := got.w.Write(make([]byte, size))
			return err
		}
		written := make(chan error, 1)
		go func() { written <- write(size) }()
		if size > 0 {
			<-taking
		}
		fates = nil
		if size > DefaultWindow { // it waits for more room
			h.Close(errLeft)
		} else {
			require.NoError(t, <-written)
			h.Close(errLeft)
			written <- write(1)
		}
		require.ErrorIs(t, <-written, errLeft)
		require.ErrorIs(t, write(1), errLeft)
		require.Equal(t, []Fate{want, NotDelivered}, fates)
		close(hang)
		p.Close(nil)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
