package conn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// content is what a stream has from an offset on.
func content(stream uint64, at, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		o := at + i
		b[i] = byte(o ^ o>>8 ^ o>>16 ^ int(stream)*37)
	}
	return b
}

// sendContent sends the first size bytes of a stream, in parts of any length.
func sendContent(ctx context.Context, c *Conn, id uint64, size int) error {
	for at := 0; at < size; {
		n, err := c.Reserve(ctx, id, min(1+rand.IntN(400<<10), size-at))
		if err == nil {
			err = c.Send(id, content(id, at, n), n)
		}
		if err != nil {
			return err
		}
		at += n
	}
	return nil
}

// stale is what a buffer is full of as long as nobody may write to it.
var stale = bytes.Repeat([]byte{0xee}, 300<<10)

func isStale(b []byte) bool { return bytes.Equal(b, stale[:len(b)]) }

// receiver takes a stream, and finds bytes that are not those of the stream, because somebody else has their piece, or
// in a buffer that was given back.
type receiver struct {
	id    uint64
	inbox codec.Inbox
	at    int
	buf   []byte
}

func newReceiver(id uint64, inbox codec.Inbox) *receiver {
	return &receiver{id: id, inbox: inbox, buf: bytes.Clone(stale)}
}

func (r *receiver) next(ctx context.Context, length int) error {
	if !isStale(r.buf) {
		return fmt.Errorf("stream %d: a buffer was written to that was given back", r.id)
	}
	var into []byte
	if length > 0 {
		into = r.buf[:length]
	}
	p, err := r.inbox.Next(ctx, into)
	for range 2 {
		if !bytes.Equal(p, content(r.id, r.at, len(p))) {
			return fmt.Errorf("stream %d: other bytes than those from %d to %d", r.id, r.at, r.at+len(p))
		}
		runtime.Gosched() // and they stay
	}
	r.at += len(p)
	copy(into, stale) // until Next has returned, it may be written to
	return err
}

// any is next under a context that may end at any moment, with a buffer of any length, or none.
func (r *receiver) any(whole context.Context) error {
	ctx := whole
	if rand.IntN(4) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rand.IntN(300_000)))
		defer cancel()
	}
	err := r.next(ctx, []int{0, 1, 4 << 10, minGoal, 100 << 10, len(r.buf)}[rand.IntN(6)])
	if errors.Is(err, context.DeadlineExceeded) {
		return whole.Err()
	}
	return err
}

// Streams in both directions, with callers between, arrive whole whoever reads them, and whatever they are read to.
func TestStreamsArriveWhole(t *testing.T) {
	const size = 1 << 20
	serve := Config{Lookup: echo.lookup}
	over(t, serve, serve, func(t *testing.T, h, p *Conn) {
		var all sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for i := range 6 {
			from, to := h, p
			if i%2 == 0 {
				from, to = p, h
			}
			id, inbox := to.ExportInbox()
			all.Go(func() {
				if err := sendContent(ctx, from, id, size); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				defer to.Unexport(id)
				for r := newReceiver(id, inbox); r.at < size; {
					if err := r.any(ctx); err != nil {
						t.Error(err)
						cancel()
						return
					}
				}
			})
			all.Go(func() {
				for range 100 {
					if got, _, err := invoke(from, ctx, "echo", "whole"); err != nil || got != "whole" {
						t.Errorf("got %q, %v", got, err)
						return
					}
				}
			})
		}
		all.Wait()
	})
}

// A stream that alone is read straight to where it goes is whole as well.
func TestStreamAloneArrivesWhole(t *testing.T) {
	const size = 4 << 20
	over(t, Config{}, Config{}, func(t *testing.T, h, p *Conn) {
		id, inbox := h.ExportInbox()
		sent := make(chan error, 1)
		go func() { sent <- sendContent(context.Background(), p, id, size) }()
		for r := newReceiver(id, inbox); r.at < size; {
			require.NoError(t, r.next(context.Background(), len(r.buf)))
		}
		require.NoError(t, <-sent)
		h.Unexport(id)
	})
}

// Whatever ends a stream, and whenever: who reads is told, and has its buffer to itself from then on.
func TestStreamThatEndsAtAnyMoment(t *testing.T) {
	ends := []func(h, p *Conn, id uint64, inbox codec.Inbox){
		func(_, _ *Conn, _ uint64, inbox codec.Inbox) { inbox.Close(io.EOF) },
		func(h, _ *Conn, id uint64, inbox codec.Inbox) { h.Unexport(id); inbox.Close(io.EOF) },
		func(h, _ *Conn, _ uint64, inbox codec.Inbox) { h.Close(nil); inbox.Close(io.EOF) },
		func(_, p *Conn, _ uint64, inbox codec.Inbox) { p.Close(nil); inbox.Close(io.EOF) },
	}
	for round := range 12 {
		over(t, Config{}, Config{}, func(t *testing.T, h, p *Conn) {
			id, inbox := h.ExportInbox()
			ctx, cancel := context.WithCancel(context.Background())
			var all sync.WaitGroup
			all.Go(func() { _ = sendContent(ctx, p, id, 1<<30) })
			r := newReceiver(id, inbox)
			all.Go(func() {
				var err error
				for err == nil {
					err = r.any(context.Background())
				}
				if err != io.EOF {
					t.Error(err)
				}
			})
			for end := time.Now().Add(time.Duration(rand.IntN(1_000_000))); time.Now().Before(end); {
				runtime.Gosched()
			}
			ends[round%len(ends)](h, p, id, inbox)
			cancel()
			h.Close(nil)
			p.Close(nil)
			all.Wait()
			require.True(t, isStale(r.buf))
		})
	}
}

func say(t *testing.T, peer net.Conn, b []byte) {
	_, err := peer.Write(b)
	require.NoError(t, err)
}

// The bytes of a large Data are there as they come, for who pulls and for who does not.
func TestDataThatIsUnderWay(t *testing.T) {
	for _, length := range []int{0, 1, 200 << 10} {
		c, peer := scripted(t, Config{})
		id, inbox := c.ExportInbox()
		r := newReceiver(id, inbox)
		say(t, peer, dataHeader(id, frame.MaxChunk))
		for r.at < frame.MaxChunk {
			next := content(id, r.at, min(100_000, frame.MaxChunk-r.at))
			go func() { _, _ = peer.Write(next) }()
			for until := r.at + len(next); r.at < until; {
				require.NoError(t, r.next(t.Context(), length))
			}
		}
	}
}

// What is on its way to something that is released meanwhile is dropped, and what follows it is not.
func TestDataOfWhatIsReleasedMeanwhile(t *testing.T) {
	c, peer := scripted(t, Config{})
	id, inbox := c.ExportInbox()
	r := newReceiver(id, inbox)
	say(t, peer, append(dataHeader(id, frame.MaxChunk), content(id, 0, 10)...))
	require.NoError(t, r.next(t.Context(), len(r.buf)))
	c.Unexport(id)
	say(t, peer, content(id, 10, frame.MaxChunk-10))
	next, inbox := c.ExportInbox()
	r = newReceiver(next, inbox)
	say(t, peer, append(dataHeader(next, 10), content(next, 0, 10)...))
	require.NoError(t, r.next(t.Context(), len(r.buf)))
	require.Equal(t, 10, r.at)
	require.NoError(t, c.Err())
}

// A Data that is larger than there is room for ends the connection with its first bytes.
func TestDataWithoutRoomForAllOfIt(t *testing.T) {
	c, peer := scripted(t, Config{Window: frame.MaxChunk - 1})
	id, _ := c.ExportInbox()
	say(t, peer, append(dataHeader(id, frame.MaxChunk), 1))
	<-c.Done()
	require.ErrorContains(t, c.Err(), "262144 bytes for stream 1, which has room for 262143")
}

// Who has pulled and does not come back holds up nobody for long.
func TestWhoPullsAndStaysAway(t *testing.T) {
	serve := Config{Lookup: echo.lookup}
	over(t, serve, serve, func(t *testing.T, h, p *Conn) {
		id, inbox := h.ExportInbox()
		r := newReceiver(id, inbox)
		for range 20 {
			next := content(id, r.at, 100)
			go func() { _ = p.Send(id, next, len(next)) }()
			for until := r.at + len(next); r.at < until; {
				require.NoError(t, r.next(context.Background(), len(r.buf)))
			}
			got, _, err := invoke(p, t.Context(), "echo", "hello")
			require.NoError(t, err)
			require.Equal(t, "hello", got)
		}
		h.Unexport(id)
	})
}

// Where both sides write, and would read only afterwards, they get on.
func TestBothSidesRelay(t *testing.T) {
	const size = 4 << 20
	over(t, Config{}, Config{}, func(t *testing.T, h, p *Conn) {
		var all sync.WaitGroup
		relay := func(from, to *Conn) {
			id, inbox := from.ExportInbox()
			back, sink := to.ExportInbox()
			all.Go(func() {
				if err := sendContent(context.Background(), to, id, size); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				defer to.Unexport(back)
				for got := 0; got < size; {
					b, err := sink.Next(context.Background(), nil)
					if err != nil {
						t.Error(err)
						return
					}
					got += len(b)
				}
			})
			all.Go(func() {
				defer from.Unexport(id)
				buf := make([]byte, 64<<10)
				for at := 0; at < size; {
					b, err := inbox.Next(context.Background(), buf)
					if err != nil {
						t.Error(err)
						return
					}
					at += len(b)
					for len(b) > 0 {
						n, err := from.Reserve(context.Background(), back, len(b))
						if err == nil {
							err = from.Send(back, b[:n], n)
						}
						if err != nil {
							t.Error(err)
							return
						}
						b = b[n:]
					}
				}
			})
		}
		relay(h, p)
		relay(p, h)
		all.Wait()
	})
}

// What somebody else has read before the role was free comes first.
func TestPullAfterSomebodyHasRead(t *testing.T) {
	c, peer := scripted(t, Config{})
	replied := make(chan error, 1)
	go func() {
		_, _, err := invoke(c, context.Background(), "echo", "hi")
		replied <- err
	}()
	_, err := io.ReadFull(peer, make([]byte, frame.HeaderSize+len(echoCall)))
	require.NoError(t, err)
	say(t, peer, frames{}.add(frame.Header{Kind: frame.Reply, ID: 1}, "\x02hi"))
	require.NoError(t, <-replied) // nobody reads now, until the watcher has one do so

	id, i := c.ExportInbox()
	inbox, r := i.(*inbox), newReceiver(id, i)
	_, changed, err := inbox.take(true)
	require.NoError(t, err)
	first := content(id, 0, 100)
	_, err = inbox.put(message{Header: frame.Header{Kind: frame.Data, ID: id, Length: 100}, payload: first})
	require.NoError(t, err)
	go func() {
		_, _ = peer.Write(dataHeader(id, frame.MaxChunk)) // which one read takes alone
		_, _ = peer.Write(content(id, 100, frame.MaxChunk))
	}()
	c.pull(id, r.buf, changed)
	for r.at < 100+frame.MaxChunk {
		require.NoError(t, r.next(t.Context(), len(r.buf)))
	}
}

// Streams that have held up others leave the reading to a background reader, for ever longer.
func TestCaution(t *testing.T) {
	c, _ := scripted(t, Config{})
	c.relieved(time.Second)
	require.Zero(t, c.role.caution.left, "nothing was there that had waited")
	for want := minCaution; want <= 2*maxCaution; want *= 2 {
		c.relieved(0)
		require.Equal(t, min(want, maxCaution), c.role.caution.left)
	}
	require.False(t, c.startPulling())
	require.Equal(t, maxCaution-1, c.role.caution.left)
}
