// Package optional has contracts with interfaces whose values may implement
// more than they promise.
package optional

import (
	"context"
	"hash"
	"image"
	"io/fs"
)

// Files is the standard library's interface itself.
//
//pingo:plugin failure=panic
type Files = fs.FS

// Library returns what has optional interfaces by reference.
//
//pingo:plugin failure=panic
type Library interface {
	FS(ctx context.Context, name string) (fs.FS, error)
	Image(ctx context.Context, name string) (image.Image, error)
	Hash(ctx context.Context, name string) (hash.Hash, error)
	Tree(ctx context.Context, files fs.FS) (string, error)
}

// Inside tells a test what is going on in the plugin.
//
//pingo:plugin
type Inside interface {
	// Calls counts the calls of each of the files' own methods.
	Calls(ctx context.Context) (map[string]int, error)
	// Usage counts goroutines and open descriptors, of those that are there between calls.
	Usage(ctx context.Context) (Usage, error)
}

// Usage is what a process has in use.
type Usage struct{ Goroutines, Descriptors int }
