// Package references has contracts with everything that stays where it is:
// interfaces and functions, which are called, and streams.
package references

import (
	"context"
	"io"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// Tree has nodes that lead to other nodes, and to trees.
//
//pingo:plugin
type Tree interface {
	Root(ctx context.Context) (Node, error)
	Same(ctx context.Context, a, b Node) (Node, bool, error)
	All(ctx context.Context, nodes []Node, byName map[string]Node, pair Pair) ([]Node, map[string]Node, Pair, error)
	Sub(name string) (Tree, error)
	Adopt(ctx context.Context, t Tree) (string, error)
	Walk(ctx context.Context, visit func(ctx context.Context, n Node) error) error
	Visitor(ctx context.Context, visit Visit) (Visit, error)
	Rename(ctx context.Context, rename func(string) (string, error), more ...Visit) error
	Boxes(ctx context.Context, b Box[Node], l other.List[string]) (Box[other.List[Node]], error)
	Literal(ctx context.Context, v interface {
		Name() (string, error)
		io.Closer
	}) (*Leaf, error)
	Service(ctx context.Context) error
}

// Node is a node of a Tree. It mentions itself, and is closed.
type Node interface {
	Named
	Parent(ctx context.Context) (Node, error)
	Children() ([]Node, error)
	Close(ctx context.Context) error
	sealed() error
}

// Named is embedded.
type Named interface {
	Name() (string, error)
}

// Visit is a named function.
type Visit func(n Node) error

// Pair has references in fields.
type Pair struct {
	Left, Right Node
	Visit       Visit
	Data        io.Reader
}

// Box has whatever it has.
type Box[T any] struct{ Value T }

// Leaf is data with a reference in it.
type Leaf struct {
	Name string
	Node
	Next *Leaf
}
