package conn

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

func requireLimit(t *testing.T, err error, name string, value int64) {
	t.Helper()
	var limit *codec.LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, name, limit.Limit)
	require.Equal(t, value, limit.Value)
}

// keepers are methods that take, or return, so many shouters.
func keepers(kept *shouters) handlers {
	return handlers{
		"take": func(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
			var m shouters
			if err := dec.Message(&m); err != nil {
				return err
			}
			*kept = append(*kept, m...)
			return nil
		},
		"give": func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			var n text
			if err := dec.Message(&n); err != nil {
				return err
			}
			enc.Message(many(len(n.s)))
			return nil
		},
	}
}

func many(n int) *shouters {
	m := make(shouters, n)
	for i := range m {
		m[i] = &upper{}
	}
	return &m
}

// Whichever side sets the limit, it holds for what it keeps and for what it holds, and
// the connection lives on.
func TestReferencesLimit(t *testing.T) {
	var kept shouters
	for name, cfg := range map[string][2]Config{
		"the caller's": {{References: 3}, {Lookup: keepers(&kept).lookup}},
		"the callee's": {{}, {References: 3, Lookup: keepers(&kept).lookup}},
	} {
		t.Run(name, func(t *testing.T) {
			over(t, cfg[0], cfg[1], func(t *testing.T, h, p *Conn) {
				kept = nil
				fate, err := h.Call(t.Context(), "take", false, many(3), &codec.Nothing{})
				require.NoError(t, err)
				require.Equal(t, Executed, fate)
				fate, err = h.Call(t.Context(), "take", false, many(1), &codec.Nothing{})
				requireLimit(t, err, "Limits.References", 3)
				require.Equal(t, NotDelivered, fate)
				for _, s := range kept {
					s.(*shouterProxy).ref.Release()
				}
				requireReferences(t, 0, h, p)

				var got shouters
				_, err = h.Call(t.Context(), "give", false, &text{"xxx"}, &got)
				require.NoError(t, err)
				require.Len(t, got, 3)
				var more shouters
				_, err = h.Call(t.Context(), "give", false, &text{"x"}, &more)
				requireLimit(t, err, "Limits.References", 3)
				require.Empty(t, more)
				for _, s := range got {
					s.(*shouterProxy).ref.Release()
				}
				requireReferences(t, 0, h, p)
			})
		})
	}
}

// A peer that makes more calls than it may hears that they are not delivered; those that run go on.
func TestCallsLimitOfTheCallee(t *testing.T) {
	running, release := make(chan struct{}), make(chan struct{})
	ms := methods{"hang": func(context.Context, string) (string, error) {
		running <- struct{}{}
		<-release
		return "done", nil
	}, "echo": echo["echo"]}
	over(t, Config{}, Config{Calls: 2, Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		release = make(chan struct{})
		results := make(chan string, 2)
		for range 2 {
			go func() {
				s, _, _ := invoke(h, t.Context(), "hang", "")
				results <- s
			}()
			<-running
		}
		for range 10 {
			_, fate, err := invoke(h, t.Context(), "echo", "")
			requireLimit(t, err, "Limits.Calls", 2)
			require.Equal(t, NotDelivered, fate)
		}
		close(release)
		require.Equal(t, "done", <-results)
		require.Equal(t, "done", <-results)
		for range 100 { // one after the other there is always room
			_, _, err := invoke(h, t.Context(), "echo", "")
			require.NoError(t, err)
		}
	})
}

// The window is what the sides agreed on, and no more is taken.
func TestStreamCredit(t *testing.T) {
	a, b := net.Pipe()
	c := New(transport.FromConn(a), Config{Window: 2 * frame.MaxPlain})
	id, _ := c.ExportInbox()
	go func() { _, _ = io.Copy(io.Discard, b) }()
	data := frames{}.add(frame.Header{Kind: frame.Data, ID: id}, string(make([]byte, frame.MaxPlain)))
	_, err := b.Write(bytes.Repeat(data, 2))
	require.NoError(t, err)
	_, _ = b.Write(data)
	<-c.Done()
	require.ErrorContains(t, c.Err(), "which has room for 0")
	c.Close(nil)
	require.NoError(t, b.Close())
}

func TestStreamWithLittleCredit(t *testing.T) {
	little := Config{Window: frame.MaxPlain}
	over(t, little, little, func(t *testing.T, h, p *Conn) {
		id, inbox := h.ExportInbox()
		sent := make(chan error, 1)
		go func() {
			rest := bytes.Repeat([]byte("x"), 1<<20)
			for len(rest) > 0 {
				n, err := p.Reserve(t.Context(), id, len(rest))
				if err == nil {
					err = p.Send(id, rest[:n], n)
				}
				if err != nil {
					sent <- err
					return
				}
				rest = rest[n:]
			}
			sent <- nil
		}()
		for got := 0; got < 1<<20; {
			b, err := inbox.Next(t.Context(), nil)
			require.NoError(t, err)
			got += len(b)
		}
		require.NoError(t, <-sent)
		h.Unexport(id)
	})
}

// The arguments of calls that are under way take no more than they may, but for one call alone.
func TestArgumentsLimit(t *testing.T) {
	running, release := make(chan struct{}), make(chan struct{})
	ms := methods{"hang": func(_ context.Context, s string) (string, error) {
		running <- struct{}{}
		<-release
		return s, nil
	}}
	const limit = 100_000
	over(t, Config{}, Config{Arguments: limit, Lookup: ms.lookup}, func(t *testing.T, h, p *Conn) {
		results := make(chan string, 3)
		hang := func(n int) {
			go func() {
				s, _, _ := invoke(h, t.Context(), "hang", strings.Repeat("x", n))
				results <- s
			}()
			<-running
		}
		hang(limit / 3)
		hang(limit / 3)
		_, fate, err := invoke(h, t.Context(), "hang", strings.Repeat("x", limit/2))
		requireLimit(t, err, "Limits.Arguments", limit)
		require.Equal(t, NotDelivered, fate)
		hang(limit / 4)
		for range 3 {
			release <- struct{}{}
			require.NotEmpty(t, <-results)
		}
		hang(2 * limit) // one is always taken
		_, _, err = invoke(h, t.Context(), "hang", "x")
		requireLimit(t, err, "Limits.Arguments", limit)
		release <- struct{}{}
		require.Len(t, <-results, 2*limit)
	})
}
