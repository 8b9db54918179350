package references

import (
	"context"
	"io"
	"io/fs"
	"iter"
)

// Lost passes streams that are cut off, in the way that how says.
//
//pingo:plugin
//pingo:value io/fs.FileInfo
type Lost interface {
	Seq(ctx context.Context, how string) (iter.Seq2[int, error], error)
	Chan(ctx context.Context, how string) (<-chan int, error)
	Reader(ctx context.Context, how string) (io.ReadCloser, error)
	File(ctx context.Context, how string) (fs.File, error)
	Writer(ctx context.Context, how string) (io.WriteCloser, error)

	TakeSeq(ctx context.Context, seq iter.Seq2[int, error]) error
	TakeChan(ctx context.Context, c <-chan int) error
	TakeReader(ctx context.Context, r io.Reader) error
	TakeWriter(ctx context.Context, w io.Writer) error
}
