// Package directives has contracts that say more than their types do: what
// travels as a snapshot, what is filled, and who carries a type.
package directives

import (
	"context"
	"io/fs"
)

// Listing lists directories by value: no call is made for what it returns.
//
//pingo:plugin
//pingo:value io/fs.DirEntry io/fs.FileInfo
type Listing interface {
	ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error)
	Stat(ctx context.Context, name string) (fs.FileInfo, error)
	// Describe is asked about a value of the caller.
	Describe(ctx context.Context, info fs.FileInfo) (string, error)
	Newest(ctx context.Context, among map[string]Found) (*Found, error)
	Open(ctx context.Context, name string) (fs.File, error)
}

// Found has a snapshot in a field.
type Found struct {
	Path string
	Info fs.FileInfo
}

// Entries takes the entries alone by value: their infos stay where they are.
//
//pingo:plugin failure=panic
//pingo:value io/fs.DirEntry
type Entries interface {
	ReadDir(name string) ([]fs.DirEntry, error)
	Stat(name string) (Found, error)
	// Listing passes a contract by what Entries says.
	Listing() (Listing, error)
}

// Node is a tree of values.
//
//pingo:value
type Node interface {
	Name() string
	Children() []Node
	Parent() (Node, error)
	Size() (width, height int)
	Hash() [4]byte
	Err() error
	private() bool
}

// Trees passes nodes.
//
//pingo:plugin
//pingo:value Pair
type Trees interface {
	Root(ctx context.Context, depth int) (Node, error)
	Same(ctx context.Context, n Node) (Node, error)
	Cycle(ctx context.Context) (Node, error)
	Panic(ctx context.Context) (Node, error)
	Pair(ctx context.Context, p Pair[int]) (Pair[string], error)
}

// Pair is a generic value.
type Pair[T any] interface {
	Left() T
	Right() T
}
