package references

import (
	"context"
	"io"
	"io/fs"
)

// Files passes what package io has.
//
//pingo:plugin
type Files interface {
	Copy(ctx context.Context, w io.Writer, r io.Reader) (int64, error)
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	Create(ctx context.Context, name string) (io.WriteCloser, error)
	Update(ctx context.Context, name string) (io.ReadWriteSeeker, error)
	At(ctx context.Context, r io.ReaderAt) (*Ends, error)
	Lines(ctx context.Context, r io.ReadCloser) (io.ByteScanner, error)
	Buffered(r io.Reader) (Peeker, error)
	To(ctx context.Context, w io.WriterTo, r io.ReaderFrom) (int64, error)
}

// Ends is data with references in it.
type Ends struct {
	First, Last byte
	Source      io.ReaderAt
	io.Closer
}

// Peeker reads, and looks at what it will read: nothing may be read ahead.
type Peeker interface {
	io.Reader
	Peek(n int) ([]byte, error)
}

// Source is a contract that fills its argument.
//
//pingo:plugin
type Source interface {
	io.Reader
	io.ReaderAt
	io.WriteCloser
	io.Seeker
	// Again returns the source itself.
	Again() (Source, error)
}

// FS has files whose descriptions have no errors.
//
//pingo:plugin failure=panic
type FS interface {
	fs.FS
	// Sub returns another one.
	Sub(ctx context.Context, dir string) (fs.FS, error)
	// Dir returns a file that lists.
	Dir(name string) (fs.ReadDirFile, error)
}
