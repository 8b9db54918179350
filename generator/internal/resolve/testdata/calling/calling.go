// Package calling says in wrong ways how methods are called.
package calling

import (
	"context"
	"io"
	"iter"
)

//pingo:plugin
type Wrong interface {
	//pingo:timeout
	NoLimit() error
	//pingo:timeout soon
	NoDuration() error
	//pingo:timeout 5s 6s
	Two() error
	//pingo:timeout -5s
	Negative() error
	//pingo:timeout 0s
	Zero() error
	//pingo:idempotent yes
	Argument() error
	//pingo:oneway
	//pingo:oneway
	Twice() error

	//pingo:oneway
	Results() (int, error)
	//pingo:inout dest
	//pingo:oneway
	Fills(dest []int) error
	//pingo:oneway
	//pingo:idempotent
	OnewayAgain() error
	//pingo:oneway
	//pingo:timeout 1s
	OnewayBrief() error
	//pingo:idempotent
	Reader(r io.Reader) error
	//pingo:idempotent
	Deep(list []Holder) error
	//pingo:idempotent
	Items(seq iter.Seq2[int, error]) error
	//pingo:timeout 1s
	Rows() (Rows, error)
	//pingo:timeout 1s
	Text() (io.ReadCloser, error)
	//pingo:timeout 1s
	Watch(ctx context.Context) (<-chan int, error)
	//pingo:timeout 1s
	Write(p []byte) (int, error)
	//pingo:timeout 1s
	Read(p []byte) (int, error)
}

// Holder has a stream.
type Holder struct{ C <-chan int }

// Rows is passed by reference.
type Rows interface {
	// Next is called after its process has ended.
	//pingo:timeout 1s
	Next() (Rows, error)
	//pingo:oneway
	Close() error
}
