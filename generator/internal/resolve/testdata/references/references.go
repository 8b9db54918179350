// Package references mentions interfaces, functions and streams that cannot
// stay where they are.
package references

import (
	"context"
	"fmt"
	"go/ast"
	"io"
	"io/fs"
	"iter"
)

//pingo:plugin
type Store interface {
	Fine(r io.ReadSeekCloser, f func(io.Writer) error, own Own, in <-chan io.Reader, s iter.Seq2[Own, error]) (io.Closer, error)
	Stringer(s fmt.Stringer) error
	FS(f fs.FS) error
	Level(l Level) error
	Again(l []Level) error
	Literal(v interface {
		Good() error
		Bad(x uintptr) (int, error)
	}) error
	Expr(x ast.Expr) error
	Constraint(x interface{ ~int }) error
	Any(x interface{}) error
	Keys(a map[io.Reader]int, b map[<-chan int]int, c map[[2]io.Reader]int) error
	Both(c chan int, d <-chan chan int) error
	Func(f func(int), g func() (int, string)) error
	Inner(f func(ctx context.Context, c chan int, v uintptr) (uintptr, error)) error
	Seq(s iter.Seq[int], t iter.Seq2[int, string], own Items, yield func(yield func(chan int, error) bool)) error
	Late(f func(int, context.Context) error) error
	Node(n Node) error
}

// Own has nothing to refuse.
type Own interface {
	Next() (Own, error)
	private() error
}

// Level lacks errors.
type Level interface {
	Level() int
	Set(int)
}

type Items iter.Seq[int]

// Node mentions itself before what is refused.
type Node interface {
	Children() ([]Node, error)
	Value() (uintptr, error)
}

//pingo:plugin failure=zero
type Zeroing interface {
	Fine(s fmt.Stringer, f fs.FS, l Level, g func(int), t iter.Seq[int], own Items)
	Bad(v uintptr) iter.Seq[uintptr]
}
