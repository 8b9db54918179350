//go:build unix

package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
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
	for deadline := time.Now().Add(10 * time.Second); countOpen(t) > before; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "%d descriptors are open, but %d were before", countOpen(t), before)
	}
}

func countOpen(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/dev/fd")
	require.NoError(t, err)
	return len(list)
}

// piece is bytes, and how many descriptors go along with them.
type piece struct {
	bytes frames
	files int
}

func send(c *net.UnixConn, p piece) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	var fds []int
	for range p.files {
		fds = append(fds, int(null.Fd()))
	}
	_, _, err = c.WriteMsgUnix(p.bytes, syscall.UnixRights(fds...), nil)
	return err
}

var (
	callWithFiles  = frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Files}
	largeWithFiles = frame.Header{Kind: frame.Call, ID: 1, Flags: frame.More | frame.Files}
)

// Whatever a peer sends, no descriptor is left open.
func TestPeerThatBreaksTheRulesOfDescriptors(t *testing.T) {
	whole := frames{}.add(callWithFiles, echoCall+"\x01")
	chunk := frame.Header{Kind: frame.Chunk, ID: 1, Flags: frame.More}
	half := frames{}.add(chunk, "abcdef")[:frame.HeaderSize+3]
	refs := frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Files | frame.Refs}
	for want, script := range map[string][]piece{
		"Call frame with 1 descriptors, which did not come":                 {{whole, 0}},
		"Call frame with 1 descriptors, but 2 came":                         {{whole, 2}},
		"Call frame with 2 descriptors, but 1 came":                         {{frames{}.add(callWithFiles, echoCall+"\x02"), 1}},
		"Call frame with 0 descriptors, of which there are 1 to 64":         {{frames{}.add(callWithFiles, echoCall+"\x00"), 1}},
		"Call frame with 65 descriptors, of which there are 1 to 64":        {{frames{}.add(callWithFiles, echoCall+"\x41"), 1}},
		"Call frame that does not say how many descriptors it has":          {{frames{}.add(callWithFiles, ""), 1}},
		"Data frame with unknown flags 0x2":                                 {{frames{}.add(frame.Header{Kind: frame.Data, ID: 1, Flags: frame.Files}, "x\x01"), 1}},
		"descriptors came that no frame announces":                          {{frames{}.add(frame.Header{Kind: frame.Cancel, ID: 1}, ""), 1}},
		"descriptors came that no frame announces (in a chunk)":             {{frames{}.add(largeWithFiles, size(9)+"\x01"), 1}, {half, 0}, {frames("d"), 1}},
		"descriptors came that no frame announces (twice in a frame)":       {{whole[:4], 1}, {whole[4:8], 1}},
		"descriptors came that no frame announces (with one that has some)": {{whole[:4], 1}, {append(whole[4:8:8], whole[8:]...), 1}},
		"reply to call 7, which was never made":                             {{frames{}.add(frame.Header{Kind: frame.Reply, ID: 7, Flags: frame.Files}, "\x01"), 1}},
		"malformed head":                                                    {{frames{}.add(callWithFiles, "\xff\x01"), 1}},
		"malformed numbers behind it":                                       {{frames{}.add(refs, "\x04echo\x02hi\x09\x00\x00\x00\x01"), 1}},
		"inside another":                                                    {{frames{}.add(largeWithFiles, size(9)+"\x01"), 1}, {frames{}.add(largeWithFiles, size(9)+"\x01"), 1}},
		"in 3 bytes instead of 8":                                           {{frames{}.add(largeWithFiles, "abc\x01"), 1}},
		"of 10 bytes, the limit is 9":                                       {{frames{}.add(largeWithFiles, size(9)+"\x01\x01"), 1}},
		"EOF":                                                               {{whole[:len(whole)-1], 1}},
		"EOF (in a large message)":                                          {{frames{}.add(largeWithFiles, size(9)+"\x01").add(chunk, "abc"), 1}, {whole[:4], 1}},
	} {
		t.Run(want, func(t *testing.T) {
			before := countOpen(t)
			stream, peer := sockets(t)
			c := New(stream, Config{Lookup: echo.lookup})
			for i, p := range script {
				err := send(peer, p)
				require.True(t, err == nil || i > 0, "%v", err) // the connection may have ended
			}
			require.NoError(t, peer.CloseWrite())
			<-c.Done()
			for cut := range want {
				if want[cut] == '(' {
					want = want[:cut-1]
					break
				}
			}
			require.ErrorContains(t, c.Err(), want)
			c.Close(nil)
			require.NoError(t, peer.Close())
			requireOpen(t, before)
		})
	}
}

// What comes along with what nobody decodes is closed, and nothing ends.
func TestDescriptorsThatNobodyGets(t *testing.T) {
	nothing := frame.Header{Kind: frame.Call, ID: 2, Flags: frame.Files}
	for name, script := range map[string]piece{
		"not among the arguments":  {frames{}.add(nothing, echoCall+"\x02"), 2},
		"method that is not there": {frames{}.add(nothing, "\x01x\x01"), 1},
		"large message that is given up": {frames{}.add(largeWithFiles, size(9)+"\x01").
			add(frame.Header{Kind: frame.Chunk, ID: 1, Flags: frame.Abort}, "").
			add(frame.Header{Kind: frame.Call, ID: 2}, echoCall), 1},
		"large message": {frames{}.add(frame.Header{Kind: frame.Call, ID: 2, Flags: frame.Files | frame.More}, size(uint64(len(echoCall)))+"\x01").
			add(frame.Header{Kind: frame.Chunk, ID: 2}, echoCall), 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := countOpen(t)
			stream, peer := sockets(t)
			c := New(stream, Config{Lookup: echo.lookup})
			require.NoError(t, send(peer, script))
			var reply [frame.HeaderSize]byte
			_, err := io.ReadFull(peer, reply[:])
			require.NoError(t, err)
			h, err := frame.Parse(reply[:])
			require.NoError(t, err)
			require.EqualValues(t, 2, h.ID)
			requireOpen(t, before+2)
			c.Close(nil)
			require.NoError(t, peer.Close())
			requireOpen(t, before)
		})
	}
}

// They are closed once the arguments are decoded, not when the call is over.
func TestDescriptorsThatAreNotDecodedAreClosedAtOnce(t *testing.T) {
	before := countOpen(t)
	stream, peer := sockets(t)
	blocked := newBlocker()
	c := New(stream, Config{Lookup: methods{"block": blocked.handle}.lookup})
	require.NoError(t, send(peer, piece{frames{}.add(callWithFiles, "\x05block\x00\x01"), 1}))
	<-blocked.running
	requireOpen(t, before+2)
	close(blocked.release)
	c.Close(nil)
	require.NoError(t, peer.Close())
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
	}, 10*time.Second, time.Millisecond)
	fate := MaybeExecuted
	for late := time.Now().Add(10 * time.Second); fate != NotDelivered && time.Now().Before(late); { // what waited may have been taken once more
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

// A write takes what it wants, also nothing: descriptors go with the first byte of their frame.
func TestDescriptorsOfPartialWrites(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := &partial{rng: rng}
		var l load
		want := map[int]int{} // where they go, and how many
		for range 1 + rng.IntN(5) {
			if n := rng.IntN(4); n > 0 {
				want[len(l.buf)] = n
				set := make(codec.Files, n)
				for i := range set {
					set[i] = codec.LostFile // closed by nobody
				}
				l.parcels = append(l.parcels, parcel{len(l.buf), set})
			}
			l.buf = append(l.buf, make([]byte, 1+rng.IntN(9))...)
		}
		for !l.isSent() {
			if rng.IntN(2) == 0 {
				require.NoError(t, l.try(s))
			} else {
				require.NoError(t, l.write(s))
			}
		}
		require.Equal(t, len(l.buf), s.sent)
		require.Equal(t, want, s.files(), "seed %d", seed)
	}
}

// partial takes part of each write.
type partial struct {
	transport.Stream
	rng  *rand.Rand
	sent int
	got  map[int]int
}

func (s *partial) files() map[int]int {
	if s.got == nil {
		return map[int]int{}
	}
	return s.got
}

func (s *partial) CanPass() error               { return nil }
func (s *partial) Received() transport.Received { return transport.Received{} }

func (s *partial) TryWrite(p []byte) (int, error) {
	n := s.rng.IntN(len(p) + 1)
	s.sent += n
	return n, nil
}

func (s *partial) Write(p []byte) (int, error) {
	s.sent += len(p)
	return len(p), nil
}

func (s *partial) TryWriteFiles(p []byte, files []int) (int, error) {
	at := s.sent
	n, err := s.TryWrite(p)
	s.take(at, n, files)
	return n, err
}

func (s *partial) WriteFiles(p []byte, files []int) (int, error) {
	at := s.sent
	n, err := s.Write(p)
	s.take(at, n, files)
	return n, err
}

func (s *partial) take(at, n int, files []int) {
	if n == 0 {
		return
	}
	if s.got == nil {
		s.got = map[int]int{}
	}
	s.got[at] += len(files)
}

// FuzzDescriptors feeds a connection with anything, and descriptors in between.
func FuzzDescriptors(f *testing.F) {
	f.Add([]byte(frames{}.add(callWithFiles, "\x04same\x02\x04\x00\x00\x01")), []byte{40, 1})
	f.Add([]byte(frames{}.add(callWithFiles, "\x04same\x03\x04\x00\x00\x04\x01\x00\x02")), []byte{3, 2, 30, 0})
	f.Add([]byte(frames{}.add(largeWithFiles, size(9)+"\x01").add(frame.Header{Kind: frame.Chunk, ID: 1}, "\x04same\x02\x04\x00\x00")), []byte{20, 1, 5, 0})
	f.Fuzz(func(t *testing.T, script, cuts []byte) {
		before := countOpen(t)
		stream, peer := sockets(t)
		c := New(stream, Config{Lookup: filed.lookup, MaxMessage: 1 << 20})
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, peer) // what comes with it is dropped
		}()
		for len(script) > 0 {
			p := piece{bytes: script}
			if len(cuts) > 1 {
				p = piece{script[:min(len(script), 1+int(cuts[0]))], int(cuts[1]) % 8}
				cuts = cuts[2:]
			}
			script = script[len(p.bytes):]
			if err := send(peer, p); err != nil {
				require.True(t, errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET), fmt.Sprint(err))
				break
			}
		}
		_ = peer.CloseWrite()
		<-c.Done()
		c.Close(nil)
		<-drained
		require.NoError(t, peer.Close())
		requireOpen(t, before)
	})
}
