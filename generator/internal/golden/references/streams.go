package references

import (
	"context"
	"iter"
)

// Streams passes channels and sequences.
//
//pingo:plugin
type Streams interface {
	Double(ctx context.Context, in <-chan int, out chan<- int) error
	Events(ctx context.Context, n int) (<-chan Event, error)
	Sink(ctx context.Context) (chan<- Event, error)
	Named(ctx context.Context, in Events, out Outbox) error
	Find(ctx context.Context, prefix string) (iter.Seq2[Event, error], error)
	Sum(ctx context.Context, seq iter.Seq2[int, error], lines Lines) (int, error)
	Nodes(ctx context.Context) (iter.Seq2[Node, error], error)
	FirstName(ctx context.Context, seq iter.Seq2[Node, error]) (string, error)
	Back(ctx context.Context, nodes []Node, collected func() error) (iter.Seq2[Node, error], error)
	Nested(ctx context.Context, seqs []iter.Seq2[int, error], chans map[string]<-chan string, s Streamed) (Streamed, error)
}

type (
	// Event is an item.
	Event struct {
		Name string
		Done chan<- bool
	}
	// Events is a named channel.
	Events <-chan Event
	// Outbox is a named channel.
	Outbox chan<- Event
	// Lines is a named sequence.
	Lines iter.Seq2[string, error]
)

// Streamed has streams in fields.
type Streamed struct {
	In    <-chan int
	Items func(yield func(string, error) bool)
}

// Ranges has sequences that have no room for an error.
//
//pingo:plugin failure=panic
type Ranges interface {
	Count(n int) iter.Seq[int]
	Pairs(ctx context.Context, seq iter.Seq[string]) (iter.Seq2[int, string], error)
	Own(ctx context.Context, seq Numbers, literal func(func(int) bool)) (Numbers, error)
}

// Numbers is a named sequence.
type Numbers iter.Seq[int]
