package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// scripted is a connection whose peer is a script.
func scripted(t *testing.T, cfg Config) (c *Conn, peer net.Conn) {
	a, b := net.Pipe()
	c = New(transport.FromConn(a), cfg)
	t.Cleanup(func() {
		c.Close(nil)
		_ = b.Close()
	})
	return c, b
}

// What cannot be encoded is reported in few words, however many the reason has.
func TestReplyThatCannotBeEncoded(t *testing.T) {
	lookup := func(method string, _ bool) (codec.Handler, error) {
		switch method {
		case "lookup":
			return nil, errors.New(strings.Repeat("lookup", 1<<14))
		case "decode":
			return func(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
				dec.Fail(errors.New(strings.Repeat("decode", 1<<14)))
				return dec.Err()
			}, nil
		case "panic":
			return func(context.Context, *codec.Decoder, *codec.Encoder) error { panic(strings.Repeat("panic", 1<<14)) }, nil
		}
		return func(_ context.Context, _ *codec.Decoder, enc *codec.Encoder) error {
			enc.Fail(errors.New(strings.Repeat("encode", 1<<14)))
			return nil
		}, nil
	}
	limit := Config{MaxMessage: 1000, Lookup: lookup}
	over(t, limit, limit, func(t *testing.T, h, p *Conn) {
		for method, want := range map[string]Fate{"encode": Executed, "lookup": NotDelivered, "decode": NotDelivered} {
			_, fate, err := invoke(h, t.Context(), method, "")
			require.ErrorContains(t, err, "the reply cannot be sent", method)
			require.Less(t, len(err.Error()), 8<<10)
			require.Equal(t, want, fate, method)
		}
		_, _, err := invoke(h, t.Context(), "panic", "")
		var panicked *PanicError
		require.ErrorAs(t, err, &panicked, "with its stack, whatever the limit")
		require.Contains(t, panicked.Value, "panicpanic")
		require.Contains(t, panicked.Stack, "limits_test.go")
	})
}

func TestNoMoreCallsThanThePeerTakes(t *testing.T) {
	var running, release chan struct{}
	ms := methods{
		"hang": func(context.Context, string) (string, error) {
			running <- struct{}{}
			<-release
			return "", nil
		},
		"echo": echo["echo"],
	}
	running = make(chan struct{})
	over(t, Config{MaxCalls: 3}, Config{Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		release = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() { _, _, _ = invoke(h, ctx, "hang", "") })
			<-running
		}
		refused := func() {
			_, fate, err := invoke(h, t.Context(), "echo", "")
			require.ErrorContains(t, err, "3 calls are unanswered")
			require.Equal(t, NotDelivered, fate)
		}
		refused()
		cancel()
		calls.Wait()
		refused() // a call that was given up counts until its reply is there
		close(release)
		for err := errors.New("not yet"); err != nil; _, _, err = invoke(h, t.Context(), "echo", "") {
			require.NoError(t, h.Err())
		}
	})
}

func TestPeerThatMakesTooManyCalls(t *testing.T) {
	b := newBlocker()
	c, peer := scripted(t, Config{MaxCalls: 3, Calls: 10, Lookup: methods{"block": b.handle}.lookup}) // none is refused, and forgotten
	script := frames{}
	for id := range uint64(7) {
		script = script.add(frame.Header{Kind: frame.Call, ID: id + 1}, "\x05block\x00")
	}
	_, _ = peer.Write(script) // the connection may end before it has read all
	<-c.Done()
	require.ErrorContains(t, c.Err(), "more than 6 calls at once")
}

// A peer that sends what has to be answered, and reads no answers, does not make
// this side keep them.
func TestPeerThatAsksTooMuch(t *testing.T) {
	for want, script := range map[string]frames{
		"second Drain":           frames{}.add(frame.Header{Kind: frame.Drain}, "").add(frame.Header{Kind: frame.Drain}, ""),
		"DrainAck without Drain": frames{}.add(frame.Header{Kind: frame.DrainAck}, ""),
	} {
		c, peer := scripted(t, Config{})
		_, _ = peer.Write(script)
		<-c.Done()
		require.ErrorContains(t, c.Err(), want)
	}
}

func TestSecondReplyToOneCall(t *testing.T) {
	c, peer := scripted(t, Config{})
	reply := func(id uint64) frames { return frames{}.add(frame.Header{Kind: frame.Reply, ID: id}, "\x00") }
	go func() {
		for _, replies := range []frames{reply(1), append(reply(2), reply(2)...)} {
			_, _ = io.ReadFull(peer, make([]byte, frame.HeaderSize+len("\x04echo\x00")))
			_, _ = peer.Write(replies)
		}
		_, _ = io.Copy(io.Discard, peer)
	}()
	for range 2 { // the second caller reads for itself, both replies at once
		_, fate, err := invoke(c, t.Context(), "echo", "")
		require.NoError(t, err, "the first reply counts")
		require.Equal(t, Executed, fate)
	}
	<-c.Done()
	require.ErrorContains(t, c.Err(), "second reply to call 2")
}

func TestHeadHasABound(t *testing.T) {
	over(t, Config{}, Config{Lookup: echo.lookup}, func(t *testing.T, h, p *Conn) {
		ctx := metadata.With(t.Context(), metadata.Pair{Key: "k", Value: strings.Repeat("x", maxHead)})
		_, fate, err := invoke(h, ctx, "echo", "")
		require.ErrorContains(t, err, "at most 16384")
		require.Equal(t, NotDelivered, fate)
		_, _, err = invoke(h, t.Context(), "echo", "alive")
		require.NoError(t, err)
	})
	pairs := "\x04echo\x90\x4e" + strings.Repeat("\x00\x00", 10_000) // as many as it says, and too many
	_, _, err := parseHead([]byte(pairs), frame.Metadata)
	require.ErrorIs(t, err, errHead)
}

func TestDeadlineBeyondAllClocks(t *testing.T) {
	h, _, err := parseHead([]byte("\x04echo\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), frame.Deadline)
	require.NoError(t, err)
	var ctx callContext
	ctx.begin(nil, h, true)
	deadline, ok := ctx.Deadline()
	require.True(t, ok)
	require.True(t, deadline.After(time.Now()))
	require.NoError(t, ctx.Err())
	select {
	case <-ctx.Done():
		t.Fatal("it is over already")
	default:
	}
	ctx.cancel(cancelled)
}

// There is one for each call, and a plugin that serves many is held up by collections of little else.
func TestContextIsSmall(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(callContext{}), uintptr(48))
}

func TestMessageSizesFitTheirHeader(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("no size is larger here")
	}
	limit := math.MaxInt
	a, b := transport.Pipe()
	c := New(a, Config{MaxMessage: limit, PeerMaxMessage: limit})
	defer b.Close()
	defer c.Close(nil)
	require.Equal(t, math.MaxInt32, c.limit())
	require.Equal(t, math.MaxInt32, c.in.maxMessage)
}

// crowd is a message of more elements than can ever be written.
type crowd struct{}

func (crowd) Encode(e *codec.Encoder) {
	codec.EncodeSlice(e, make([]struct{}, math.MaxInt), func(e *codec.Encoder, _ struct{}) { e.Empty() })
}

func (crowd) Decode(*codec.Decoder) {}

// What cannot fit is found out before it is written.
func TestSliceOfCountlessElements(t *testing.T) {
	lookup := func(string, bool) (codec.Handler, error) {
		return func(_ context.Context, _ *codec.Decoder, enc *codec.Encoder) error {
			enc.Message(crowd{})
			return nil
		}, nil
	}
	over(t, Config{}, Config{Lookup: lookup}, func(t *testing.T, h, _ *Conn) {
		for args, want := range map[codec.Message]Fate{crowd{}: NotDelivered, &codec.Nothing{}: Executed} {
			fate, err := h.Call(t.Context(), "crowd", false, args, &codec.Nothing{})
			require.Equal(t, want, fate)
			var limit *codec.LimitError
			require.ErrorAs(t, err, &limit)
			require.ErrorContains(t, err, fmt.Sprintf("slice of %d elements, which take a byte each at least", math.MaxInt))
		}
	})
}
