// Package suites has contracts whose values the standard library's test suites
// are run on, from the other side of a plugin. Some of these values implement
// more than the interface that they are passed as.
package suites

import (
	"context"
	"hash"
	"image"
	"io"
	"io/fs"
)

// Files is the standard library's interface itself.
//
//pingo:plugin failure=panic
type Files = fs.FS

// Library returns what may implement more than it promises.
//
//pingo:plugin failure=panic
type Library interface {
	FS(ctx context.Context, name string) (fs.FS, error)
	Image(ctx context.Context, name string) (image.Image, error)
	Hash(ctx context.Context, name string) (hash.Hash, error)
	// Has returns the optional interfaces of what the host passes.
	Has(ctx context.Context, files fs.FS, file fs.File) ([]string, error)
}

// Readers passes readers.
//
//pingo:plugin
type Readers interface {
	Reader(ctx context.Context, kind string, content []byte) (io.Reader, error)
	Seeker(ctx context.Context, content []byte) (io.ReadSeeker, error)
	ReaderAt(ctx context.Context, content []byte) (ReadSeekerAt, error)
	// Test runs the suite in the plugin.
	Test(ctx context.Context, r ReadSeekerAt, content []byte) error
	Copy(ctx context.Context, w io.Writer, r io.Reader) (int64, error)
}

// ReadSeekerAt reads anywhere.
type ReadSeekerAt interface {
	io.ReadSeeker
	io.ReaderAt
}

// Inside tells a test what is going on in the plugin.
//
//pingo:plugin
type Inside interface {
	// Calls counts the calls of the files' methods, by name.
	Calls(ctx context.Context) (map[string]int, error)
	Usage(ctx context.Context) (Usage, error)
}

// Usage is what a process has in use.
type Usage struct {
	Goroutines, Descriptors int
	Peak                    int // memory, in KiB
}
