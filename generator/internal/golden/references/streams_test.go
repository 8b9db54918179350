package references

import (
	"context"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// upTo yields numbers, and then an error, if that is not nil.
func upTo(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

// streams is a Streams.
type streams struct{}

func (streams) Double(_ context.Context, in <-chan int, out chan<- int) error {
	for n := range in {
		if n == 13 {
			panic("13")
		}
		out <- 2 * n
	}
	close(out)
	return nil
}

func (streams) Events(_ context.Context, n int) (<-chan Event, error) {
	events := make(chan Event, n)
	for i := range n {
		events <- Event{Name: strings.Repeat("x", i)}
	}
	close(events)
	return events, nil
}

func (streams) Sink(context.Context) (chan<- Event, error) {
	events := make(chan Event)
	go func() {
		for e := range events {
			e.Done <- true
			close(e.Done)
		}
	}()
	return events, nil
}

func (streams) Named(_ context.Context, in Events, out Outbox) error {
	for e := range in {
		out <- e
	}
	return nil
}

func (streams) Find(_ context.Context, prefix string) (iter.Seq2[Event, error], error) {
	if prefix == "" {
		return nil, nil
	}
	return func(yield func(Event, error) bool) {
		for i := range 3 {
			if !yield(Event{Name: prefix + strings.Repeat("x", i)}, nil) {
				return
			}
		}
		yield(Event{}, io.ErrUnexpectedEOF)
	}, nil
}

func (streams) Sum(_ context.Context, seq iter.Seq2[int, error], lines Lines) (int, error) {
	sum := 0
	for n, err := range seq {
		if err != nil {
			return sum, err
		}
		sum += n
	}
	for line := range lines {
		sum += len(line)
	}
	return sum, nil
}

func (streams) Nodes(context.Context) (iter.Seq2[Node, error], error) {
	return func(yield func(Node, error) bool) {
		for _, name := range []string{"a", "b"} {
			if !yield(&node{name: name}, nil) {
				return
			}
		}
	}, nil
}

func (streams) FirstName(_ context.Context, seq iter.Seq2[Node, error]) (string, error) {
	for n := range seq {
		return n.Name()
	}
	return "", nil
}

// Back yields the nodes, and tells when it holds none of them any more.
func (streams) Back(_ context.Context, nodes []Node, collected func() error) (iter.Seq2[Node, error], error) {
	left := new(atomic.Int32)
	left.Store(int32(len(nodes)))
	for _, n := range nodes {
		runtime.AddCleanup(n.(nodeProxy).ref, func(left *atomic.Int32) {
			if left.Add(-1) == 0 {
				go func() { _ = collected() }()
			}
		}, left)
	}
	return func(yield func(Node, error) bool) {
		for len(nodes) > 0 {
			first := nodes[0]
			nodes[0], nodes = nil, nodes[1:]
			if !yield(first, nil) {
				return
			}
		}
	}, nil
}

func (streams) Nested(_ context.Context, seqs []iter.Seq2[int, error], chans map[string]<-chan string, s Streamed) (Streamed, error) {
	sum := 0
	for _, seq := range seqs {
		for n := range seq {
			sum += n
		}
	}
	for _, c := range chans {
		for range c {
			sum++
		}
	}
	for n := range s.In {
		sum += n
	}
	for range s.Items {
		sum++
	}
	in := make(chan int, 1)
	in <- sum
	close(in)
	return Streamed{In: in, Items: func(yield func(string, error) bool) { yield("item", nil) }}, nil
}

// ranges is a Ranges.
type ranges struct{}

func (ranges) Count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
		if n == 13 {
			panic("13")
		}
	}
}

func (ranges) Pairs(_ context.Context, seq iter.Seq[string]) (iter.Seq2[int, string], error) {
	return slices.All(slices.Collect(seq)), nil
}

func (ranges) Own(_ context.Context, seq Numbers, literal func(func(int) bool)) (Numbers, error) {
	a, b := slices.Collect(iter.Seq[int](seq)), slices.Collect(literal)
	return Numbers(slices.Values(append(a, b...))), nil
}

func filled[T any](items ...T) <-chan T {
	c := make(chan T, len(items))
	for _, item := range items {
		c <- item
	}
	close(c)
	return c
}

func TestChannels(t *testing.T) {
	c := NewStreamsClient(start(t))
	out := make(chan int)
	done := make(chan error, 1)
	go func() { done <- c.Double(t.Context(), filled(1, 2, 3), out) }()
	var got []int
	for n := range out {
		got = append(got, n)
	}
	require.Equal(t, []int{2, 4, 6}, got)
	require.NoError(t, <-done)

	events, err := c.Events(t.Context(), 3)
	require.NoError(t, err)
	n := 0
	for e := range events {
		require.Len(t, e.Name, n)
		require.Nil(t, e.Done)
		n++
	}
	require.Equal(t, 3, n)

	sink, err := c.Sink(t.Context())
	require.NoError(t, err)
	answered := make(chan bool)
	sink <- Event{Name: "x", Done: answered}
	require.True(t, <-answered)
	<-answered
	close(sink)

	relayed := make(chan Event, 2)
	require.NoError(t, c.Named(t.Context(), filled(Event{Name: "a"}, Event{Name: "b"}), relayed))
	require.Equal(t, "a", (<-relayed).Name)
	require.Equal(t, "b", (<-relayed).Name)
}

func TestSequences(t *testing.T) {
	c := NewStreamsClient(start(t))
	none, err := c.Find(t.Context(), "")
	require.NoError(t, err)
	require.Nil(t, none)
	found, err := c.Find(t.Context(), "p")
	require.NoError(t, err)
	for range 2 {
		var names []string
		for e, err := range found {
			if err != nil {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				break
			}
			names = append(names, e.Name)
		}
		require.Equal(t, []string{"p", "px", "pxx"}, names)
	}
	for range found {
		break
	}

	sum, err := c.Sum(t.Context(), upTo(1000, nil), func(yield func(string, error) bool) { yield("four", nil) })
	require.NoError(t, err)
	require.Equal(t, 999*500+4, sum)
	_, err = c.Sum(t.Context(), upTo(3, io.ErrClosedPipe), nil)
	require.ErrorIs(t, err, io.ErrClosedPipe)

	nodes, err := c.Nodes(t.Context())
	require.NoError(t, err)
	var all []Node
	for n, err := range nodes {
		require.NoError(t, err)
		all = append(all, n)
	}
	got, err := names(all...)
	require.NoError(t, err)
	require.Equal(t, "a b", got)

	s, err := c.Nested(t.Context(), []iter.Seq2[int, error]{upTo(3, nil), upTo(4, nil)}, map[string]<-chan string{"x": filled("1", "2")},
		Streamed{In: filled(100), Items: func(yield func(string, error) bool) { yield("", nil) }})
	require.NoError(t, err)
	require.Equal(t, 3+6+2+100+1, <-s.In)
	for item, err := range s.Items {
		require.NoError(t, err)
		require.Equal(t, "item", item)
	}
}

func TestSequencesThatPanic(t *testing.T) {
	c := NewRangesClient(start(t))
	require.Equal(t, []int{0, 1, 2}, slices.Collect(c.Count(3)))
	err := func() (err error) {
		defer func() { err, _ = recover().(error) }()
		for range c.Count(13) {
		}
		return nil
	}()
	require.ErrorContains(t, err, "13")

	pairs, err := c.Pairs(t.Context(), slices.Values([]string{"a", "b"}))
	require.NoError(t, err)
	for i, s := range pairs {
		require.Equal(t, string(rune('a'+i)), s)
	}
	own, err := c.Own(t.Context(), Numbers(slices.Values([]int{1})), slices.Values([]int{2}))
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, slices.Collect(iter.Seq[int](own)))
}

func TestItemsThatNobodyTakes(t *testing.T) {
	t.Run("of the plugin", func(t *testing.T) {
		c := NewStreamsClient(start(t)) // wants nothing to be kept in the end
		nodes, err := c.Nodes(t.Context())
		require.NoError(t, err)
		for range 3 {
			for n, err := range nodes {
				require.NoError(t, err)
				require.NotNil(t, n)
				break
			}
		}
	})
	t.Run("without end", func(t *testing.T) {
		c := NewStreamsClient(start(t))
		name, err := c.FirstName(t.Context(), func(yield func(Node, error) bool) {
			for yield(&node{name: "first"}, nil) {
			}
		})
		require.NoError(t, err)
		require.Equal(t, "first", name)
	})
	t.Run("of a channel", func(t *testing.T) {
		c := NewStreamsClient(start(t))
		in, out := make(chan Event), make(chan Event)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for {
				select {
				case in <- Event{Done: make(chan bool)}:
				case <-ctx.Done():
					return
				}
			}
		}()
		go func() {
			for range 100 {
				close((<-out).Done)
			}
			cancel()
			for e := range out {
				close(e.Done)
			}
		}()
		require.ErrorIs(t, c.Named(ctx, in, out), context.Canceled)
	})
	t.Run("of a channel that nobody receives from", func(t *testing.T) {
		p := start(t)
		c := NewStreamsClient(p)
		in, out := make(chan Event), make(chan Event)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			in <- Event{Done: make(chan bool)}
			require.Eventually(t, func() bool {
				_, imported := p.References()
				return imported == 2 // the inbox of in, and what the item mentions
			}, time.Minute, time.Millisecond)
		}()
		require.ErrorIs(t, c.Named(ctx, in, out), context.Canceled)
	})
}

// The plugin has let go of all that it has sent home before the host looks at it.
func TestHandlesComeHomeInASlowStream(t *testing.T) {
	c := NewStreamsClient(start(t))
	mine := make([]Node, 100)
	for i := range mine {
		mine[i] = &node{}
	}
	collected := make(chan struct{})
	back, err := c.Back(t.Context(), mine, func() error {
		close(collected)
		return nil
	})
	require.NoError(t, err)
	var got []Node
	for n, err := range back {
		require.NoError(t, err)
		if got = append(got, n); len(got) == 1 {
			<-collected
			_, err := c.Find(t.Context(), "") // everything that the plugin has sent before is there now
			require.NoError(t, err)
		}
	}
	require.Equal(t, len(mine), len(got))
	for i := range got {
		require.Same(t, mine[i], got[i])
	}
}

func TestChannelOfACallThatPanics(t *testing.T) {
	c := NewStreamsClient(start(t))
	require.ErrorContains(t, c.Double(t.Context(), filled(13), make(chan int)), "panic: 13")
}

// Whoever closed the channel is not who sends to it.
func TestChannelThatItsOwnerClosed(t *testing.T) {
	c := NewStreamsClient(start(t))
	for range 2 {
		closed := make(chan int)
		close(closed)
		require.ErrorContains(t, c.Double(t.Context(), filled(3), closed), "panic: send on closed channel")
	}
	out := make(chan int, 3)
	require.NoError(t, c.Double(t.Context(), filled(3), out))
}

// A stream that is asked for when the plugin has ended is not an empty one.
func TestStreamsOfAPluginThatEnded(t *testing.T) {
	p := start(t)
	seq, err := NewStreamsClient(p).Find(t.Context(), "x")
	require.NoError(t, err)
	f, err := NewFilesClient(p).Open(t.Context(), "name")
	require.NoError(t, err)
	_, err = NewFilesClient(p).Open(t.Context(), "exit")
	require.Error(t, err)
	for range 2 {
		_, err := f.Read(make([]byte, 1))
		require.Error(t, err)
		require.NotErrorIs(t, err, io.EOF)
		var errs []error
		for _, err := range seq {
			errs = append(errs, err)
		}
		require.Len(t, errs, 1)
		require.Error(t, errs[0])
	}
}

// Who waits to send to a channel for the other side does so no longer than that is there.
func TestChannelThatNobodyReceivesFrom(t *testing.T) {
	p := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	out, called := make(chan int), make(chan error)
	go func() { called <- NewStreamsClient(p).Double(ctx, filled(1, 2, 3), out) }()
	require.Equal(t, 2, <-out)
	cancel()
	require.ErrorIs(t, <-called, context.Canceled)
	_, err := NewFilesClient(p).Open(t.Context(), "exit")
	require.Error(t, err)
	require.Eventually(t, func() bool {
		stacks := make([]byte, 1<<20)
		return !strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "EncodeSender")
	}, time.Minute, time.Millisecond)
}
