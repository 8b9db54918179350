//go:build unix

package conn

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// sockets returns a stream, and the socket at its other end.
func sockets(t *testing.T) (transport.Stream, *net.UnixConn) {
	t.Helper()
	host, child, err := transport.Pair()
	require.NoError(t, err)
	other, err := net.FileConn(child)
	require.NoError(t, err)
	require.NoError(t, child.Close())
	return transport.FromConn(host), other.(*net.UnixConn)
}

// requireOpen waits until no more descriptors are open than before.
func requireOpen(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); countOpen(t) > before; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "%d descriptors are open, but %d were before", countOpen(t), before)
	}
}

func countOpen(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/dev/fd")
	require.NoError(t, err)
	return len(list)
}

// files is a message of files.
type files []*os.File

func (m *files) Encode(e *codec.Encoder) { codec.EncodeSlice(e, *m, codec.EncodeFile) }
func (m *files) Decode(d *codec.Decoder) { *m = codec.DecodeSlice(d, codec.DecodeFile) }

func (m *files) close() {
	for _, f := range *m {
		f.Close()
	}
}

// filed are handlers of files: same returns them, gone waits for its end and returns them.
var filed = handlers{
	"same": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		var m files
		if err := dec.Message(&m); err != nil {
			return err
		}
		enc.Message(&m)
		return nil
	},
	"gone": func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		var m files
		if err := dec.Message(&m); err != nil {
			return err
		}
		<-ctx.Done()
		enc.Message(&m)
		return nil
	},
}

func filesOf(n int, f *os.File) *files {
	m := make(files, n)
	for i := range m {
		m[i] = f
	}
	return &m
}

func null(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Open(os.DevNull)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// More descriptors than may wait pass all the same: who reads waits.
func TestManyDescriptorsAtOnce(t *testing.T) {
	f := null(t)
	before := countOpen(t)
	a, b := dialed(t, "unix", t.TempDir()+"/s")
	h, p := New(a, Config{}), New(b, Config{Lookup: filed.lookup})
	var wg sync.WaitGroup
	for range 300 {
		wg.Go(func() {
			for range 3 {
				var got files
				_, err := h.Call(t.Context(), "same", false, filesOf(6, f), &got)
				if err != nil || len(got) != 6 {
					t.Errorf("%d files, %v", len(got), err)
				}
				got.close()
			}
		})
	}
	wg.Wait()
	require.Zero(t, h.in.arrivals.unused)
	require.Zero(t, p.in.arrivals.unused)
	h.Close(nil)
	p.Close(nil)
	requireOpen(t, before)
}

// A side that does not get round to decoding makes the other one wait.
func TestNoMoreDescriptorsThanMayWait(t *testing.T) {
	a := newArrivals(nil)
	full := make(codec.Files, codec.MaxFiles)
	for range maxUnused / codec.MaxFiles {
		a.hand(full)
	}
	handed := make(chan struct{})
	go func() {
		defer close(handed)
		a.hand(full)
		a.hand(full)
	}()
	a.claim(full)
	a.mu.Lock()
	require.LessOrEqual(t, a.unused, maxUnused)
	a.mu.Unlock()
	a.close()
	within(t, func() { <-handed })
}

// A call that is given up before it is sent, and one that waits when the connection
// ends, leave nothing open.
func TestDescriptorsOfCallsThatAreNotSent(t *testing.T) {
	f := null(t)
	before := countOpen(t)
	stream, peer := sockets(t)
	c := New(stream, Config{MaxMessage: 8 << 20})
	var wg sync.WaitGroup
	for range 80 { // some fill the socket, and the others wait
		wg.Go(func() {
			_, _ = c.Call(context.Background(), "x", false, &padded{text{string(make([]byte, 30<<10))}, f}, &codec.Nothing{})
		})
	}
	for range 4 {
		wg.Go(func() {
			_, _ = c.Call(context.Background(), "x", false, &padded{text{string(make([]byte, 1<<20))}, f}, &codec.Nothing{})
		})
	}
	require.Eventually(t, func() bool {
		c.out.mu.Lock()
		defer c.out.mu.Unlock()
		return len(c.out.waiting) > 1<<20
	}, time.Minute, time.Millisecond)
	fate := MaybeExecuted
	for late := time.Now().Add(time.Minute); fate != NotDelivered && time.Now().Before(late); { // what waited may have been taken once more
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		var err error
		fate, err = c.Call(ctx, "x", false, filesOf(1, f), &codec.Nothing{})
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	require.Equal(t, NotDelivered, fate)
	c.Close(nil)
	wg.Wait()
	_, err := c.Call(t.Context(), "x", false, filesOf(1, f), &codec.Nothing{})
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, peer.Close())
	requireOpen(t, before)
}

// padded is a text and a file.
type padded struct {
	text
	f *os.File
}

func (m *padded) Encode(e *codec.Encoder) {
	m.text.Encode(e)
	codec.EncodeFile(e, m.f)
}

// A message that panics on its way out, or in, leaves nothing open.
func TestDescriptorsOfAMessageThatPanics(t *testing.T) {
	f := null(t)
	before := countOpen(t)
	a, b := dialed(t, "unix", t.TempDir()+"/s")
	h, p := New(a, Config{}), New(b, Config{Lookup: filed.lookup})
	require.Panics(t, func() { _, _ = h.Call(t.Context(), "same", false, &panics{files: *filesOf(3, f)}, &codec.Nothing{}) })
	require.Panics(t, func() { _, _ = h.Call(t.Context(), "same", false, filesOf(3, f), &panics{}) })
	fate, err := h.Call(t.Context(), "same", false, filesOf(3, f), &codec.Nothing{}) // which does not decode them
	require.Equal(t, Executed, fate)
	require.ErrorContains(t, err, "cannot decode the reply")
	h.Close(nil)
	p.Close(nil)
	requireOpen(t, before)
}

type panics struct{ files }

func (m *panics) Encode(e *codec.Encoder) { m.files.Encode(e); panic("on its way out") }
func (*panics) Decode(*codec.Decoder)     { panic("on its way in") }

// Replies that come when nobody waits any more, and calls that nobody waits for.
func TestDescriptorsOfDroppedReplies(t *testing.T) {
	f := null(t)
	before := countOpen(t)
	a, b := dialed(t, "unix", t.TempDir()+"/s")
	h, p := New(a, Config{}), New(b, Config{Lookup: filed.lookup})
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		var got files
		_, err := h.Call(ctx, "gone", false, filesOf(2, f), &got)
		require.True(t, err == nil || errors.Is(err, context.DeadlineExceeded), "%v", err) // the handler's context has the same one
		got.close()
		cancel()
		_, err = h.Post(t.Context(), "same", filesOf(2, f))
		require.NoError(t, err)
	}
	requireOpen(t, before+2)
	h.Close(nil)
	p.Close(nil)
	requireOpen(t, before)
}
