package conn

import (
	"context"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// held is shouters whose decoding waits.
type held struct {
	shouters
	reached, goOn chan struct{}
}

func hold() *held { return &held{reached: make(chan struct{}), goOn: make(chan struct{})} }

func (m *held) Decode(d *codec.Decoder) {
	close(m.reached)
	<-m.goOn
	m.shouters.Decode(d)
}

// sequence is a message that mentions a sequence of shouters.
type sequence struct{ seq iter.Seq2[shouter, error] }

func (m *sequence) Encode(e *codec.Encoder) {
	codec.EncodeSeq2(e, m.seq, encodeShouter, (*codec.Encoder).Error)
}

func (m *sequence) Decode(d *codec.Decoder) {
	m.seq = codec.DecodeSeq2(d, decodeShouter, (*codec.Decoder).Error, codec.FailPanic)
}

// owns makes n values, for the other side to send back.
func owns(n int) shouters {
	own := make(shouters, n)
	for i := range own {
		own[i] = &upper{}
	}
	return own
}

// takeHandles is a handler that keeps what it gets in place.
func takeHandles(place *shouters) codec.Handler {
	return func(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
		return dec.Message(place)
	}
}

// requireCollected waits until c knows of no more than n things that its peer
// keeps, and until the peer has been told.
func requireCollected(t *testing.T, n int, c *Conn) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		runtime.GC()
		_, imported := c.References()
		if imported <= n {
			break
		}
		require.True(t, time.Now().Before(deadline), "%d are known, want %d", imported, n)
	}
	_, err := c.Call(t.Context(), "sync", false, &codec.Nothing{}, &codec.Nothing{}) // frames keep their order
	require.NoError(t, err)
}

func nothing(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
	return dec.Message(&codec.Nothing{})
}

// What comes home is there when the message is decoded, however long ago its
// sender has let go of it.
func TestReleaseDoesNotOvertakeWhatComesHome(t *testing.T) {
	var handles shouters
	asked := hold()
	host := handlers{"sync": nothing, "ask": func(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
		return dec.Message(asked)
	}}
	plugin := handlers{
		"take": takeHandles(&handles),
		"give": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			enc.Message(&handles)
			handles = nil
			return dec.Message(&codec.Nothing{})
		},
		"items": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			enc.Message(&sequence{func(yield func(shouter, error) bool) {
				for len(handles) > 0 {
					first := handles[0]
					handles[0], handles = nil, handles[1:]
					if !yield(first, nil) {
						return
					}
				}
			}})
			return dec.Message(&codec.Nothing{})
		},
	}
	over(t, Config{Lookup: host.lookup}, Config{Lookup: plugin.lookup}, func(t *testing.T, h, p *Conn) {
		own := owns(10)
		take := func() {
			_, err := h.Call(t.Context(), "take", false, &own, &codec.Nothing{})
			require.NoError(t, err)
		}

		take()
		reply := hold()
		done := make(chan error, 1)
		go func() {
			_, err := h.Call(t.Context(), "give", false, &codec.Nothing{}, reply)
			done <- err
		}()
		<-reply.reached
		requireCollected(t, 0, p)
		close(reply.goOn)
		require.NoError(t, <-done, "in a reply")
		require.Equal(t, own, reply.shouters)
		requireReferences(t, 0, h, p)

		take()
		asked = hold()
		go func() {
			_, err := p.Call(t.Context(), "ask", false, &handles, &codec.Nothing{})
			done <- err
		}()
		<-asked.reached
		for _, handle := range handles {
			handle.(*shouterProxy).ref.Release()
		}
		requireCollected(t, 0, p)
		close(asked.goOn)
		require.NoError(t, <-done, "in a call")
		require.Equal(t, own, asked.shouters)
		requireReferences(t, 0, h, p)

		take()
		var items sequence
		_, err := h.Call(t.Context(), "items", false, &codec.Nothing{}, &items)
		require.NoError(t, err)
		var got shouters
		for item, err := range items.seq {
			require.NoError(t, err, "in a stream")
			if got = append(got, item); len(got) == 1 {
				requireCollected(t, 0, p)
			}
		}
		require.Equal(t, own, got)
		items.seq = nil
		requireReferences(t, 0, h, p)
	})
}

// What comes home and is not decoded is let go of all the same.
func TestWhatComesHomeInVain(t *testing.T) {
	var handles shouters
	gone := make(chan struct{})
	host := handlers{"drop": func(context.Context, *codec.Decoder, *codec.Encoder) error { return nil }}
	plugin := handlers{
		"take": takeHandles(&handles),
		"late": func(ctx context.Context, _ *codec.Decoder, enc *codec.Encoder) error {
			<-ctx.Done()
			enc.Message(&handles)
			close(gone)
			return nil
		},
		"panic": func(_ context.Context, _ *codec.Decoder, enc *codec.Encoder) error {
			enc.Message(&handles)
			panic("x")
		},
		"give": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			enc.Message(&handles)
			return dec.Message(&codec.Nothing{})
		},
		"items": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			enc.Message(&sequence{func(yield func(shouter, error) bool) {
				for yield(handles[0], nil) {
				}
			}})
			return dec.Message(&codec.Nothing{})
		},
	}
	over(t, Config{Lookup: host.lookup}, Config{Lookup: plugin.lookup}, func(t *testing.T, h, p *Conn) {
		gone = make(chan struct{})
		large := make(shouters, 40_000)
		ways := map[string]func(t *testing.T){
			"call that is not decoded": func(t *testing.T) {
				_, err := p.Call(t.Context(), "drop", false, &handles, &codec.Nothing{})
				require.NoError(t, err)
			},
			"call that is refused": func(t *testing.T) {
				_, err := p.Call(t.Context(), "no such method", false, &handles, &codec.Nothing{})
				require.Error(t, err)
			},
			"call that is not sent": func(t *testing.T) {
				_, err := p.Call(t.Context(), "drop", false, &unsendable{handles}, &codec.Nothing{})
				require.Error(t, err)
			},
			"large call": func(t *testing.T) {
				large[0] = handles[0]
				_, err := p.Call(t.Context(), "drop", false, &large, &codec.Nothing{})
				require.NoError(t, err)
				large[0] = nil
			},
			"reply that is too much": func(t *testing.T) {
				_, err := h.Call(t.Context(), "give", false, &codec.Nothing{}, &codec.Nothing{})
				require.ErrorContains(t, err, "bytes are left over")
			},
			"reply that is not sent": func(t *testing.T) {
				_, err := h.Call(t.Context(), "panic", false, &codec.Nothing{}, &shouters{})
				require.Error(t, err)
			},
			"reply that nobody waits for": func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Millisecond, cancel)
				_, err := h.Call(ctx, "late", false, &codec.Nothing{}, &shouters{})
				require.ErrorIs(t, err, context.Canceled)
				<-gone
			},
			"stream that is broken off": func(t *testing.T) {
				var items sequence
				_, err := h.Call(t.Context(), "items", false, &codec.Nothing{}, &items)
				require.NoError(t, err)
				for range items.seq {
					break
				}
			},
		}
		for name, way := range ways {
			own := owns(3)
			_, err := h.Call(t.Context(), "take", false, &own, &codec.Nothing{})
			require.NoError(t, err)
			t.Run(name, way)
			for _, handle := range handles {
				handle.(*shouterProxy).ref.Release()
			}
			requireReferences(t, 0, h, p)
		}
	})
}

// A Release waits until it is known whether a message that takes the number home
// leaves, and counts it then. One that does not leaves nothing behind.
func TestReleaseWaitsForWhatIsLeaving(t *testing.T) {
	for name, givenUp := range map[string]bool{"sent": false, "given up": true} {
		t.Run(name, func(t *testing.T) {
			var handles shouters
			c, peer := scripted(t, Config{Lookup: handlers{"take": takeHandles(&handles)}.lookup})
			defer peer.Close()
			take := frames{}.add(frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Refs}, "\x04take\x02\x01\x07"+size(7)+"\x01\x00\x00\x00")
			_, err := peer.Write(take)
			require.NoError(t, err)
			require.Equal(t, frame.Reply, readFrame(t, peer).Kind)

			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				args := append(make(shouters, 1<<19), handles[0], &upper{})
				_, _ = c.Call(ctx, "large", false, &args, &codec.Nothing{})
			}()
			defer func() { <-done }()
			defer cancel()
			require.True(t, readFrame(t, peer).Announces())
			proxy := handles[0].(*shouterProxy)
			proxy.ref.Release()
			require.ErrorIs(t, proxy.Close(), codec.ErrReleased)
			exported, imported := c.References()
			require.Equal(t, []int{1, 1}, []int{exported, imported})
			if givenUp {
				cancel()
				<-done
			}
			chunk := readFrame(t, peer)
			for chunk.Flags&frame.More != 0 {
				chunk = readFrame(t, peer)
			}
			require.Equal(t, givenUp, chunk.Flags&frame.Abort != 0)
			release := frame.Header{Kind: frame.Release, ID: 7}
			if !givenUp {
				release.Length = frame.HomeLength
			}
			require.Equal(t, release, readFrame(t, peer))
			if exported, imported = c.References(); givenUp {
				require.Zero(t, exported+imported)
			}
		})
	}
}

// What is mentioned by a message that cannot be encoded since that panics, or by an
// item that cannot be encoded or decoded and by those behind it, is let go of. The
// channel that they are for is closed all the same.
func TestWhatComesHomeInWhatFails(t *testing.T) {
	var handles shouters
	var sink chan shouter
	host := handlers{"sink": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		enc.Message(&badSink{sink})
		return dec.Message(&codec.Nothing{})
	}}
	over(t, Config{Lookup: host.lookup}, Config{Lookup: handlers{"take": takeHandles(&handles)}.lookup}, func(t *testing.T, h, p *Conn) {
		take := func() {
			own := owns(3)
			_, err := h.Call(t.Context(), "take", false, &own, &codec.Nothing{})
			require.NoError(t, err)
		}
		release := func() {
			for _, handle := range handles {
				handle.(*shouterProxy).ref.Release()
			}
			requireReferences(t, 0, h, p)
		}

		take()
		require.Panics(t, func() {
			_, _ = p.Call(t.Context(), "sink", false, &panicking{append(handles, &upper{})}, &codec.Nothing{})
		})
		release()

		for _, send := range []func(*codec.Encoder, shouter){encodeShouter, encodeNoShouter, encodePanicking} {
			take()
			sink = make(chan shouter)
			reply := sinkProxy{send: send}
			_, err := p.Call(t.Context(), "sink", false, &codec.Nothing{}, &reply)
			require.NoError(t, err)
			for _, handle := range handles {
				reply.to <- handle
				reply.to <- &upper{}
			}
			close(reply.to)
			_, ok := <-sink
			require.False(t, ok, "who ranges over it does not wait for ever")
			release()
		}
	})
}

// panicking panics after it has mentioned something.
type panicking struct{ shouters }

func (m *panicking) Encode(e *codec.Encoder) {
	m.shouters.Encode(e)
	panic("no")
}

// encodePanicking is a marshaler that panics, on a goroutine that nobody else could recover.
func encodePanicking(e *codec.Encoder, s shouter) {
	encodeShouter(e, s)
	panic("no")
}

// badSink mentions a channel whose items cannot be decoded.
type badSink struct{ ch chan<- shouter }

func (m *badSink) Encode(e *codec.Encoder) {
	codec.EncodeSender(e, m.ch, func(d *codec.Decoder) shouter {
		d.Fail(errFull)
		return nil
	})
}

func (m *badSink) Decode(*codec.Decoder) {}

// sinkProxy is what becomes of it.
type sinkProxy struct {
	to   chan<- shouter
	send func(*codec.Encoder, shouter)
}

func (m *sinkProxy) Encode(*codec.Encoder)   {}
func (m *sinkProxy) Decode(d *codec.Decoder) { m.to = codec.DecodeSender(d, m.send) }

func encodeNoShouter(e *codec.Encoder, v shouter) {
	encodeShouter(e, v)
	e.Fail(errFull)
}
