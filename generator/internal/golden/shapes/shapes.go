// Package shapes has contracts with methods of every shape.
package shapes

import (
	"context"
	"io"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// Shapes has methods of every shape.
//
// Its comment has two paragraphs.
//
//pingo:plugin
type Shapes interface {
	Nothing() error
	NothingContext(context.Context) error

	// Unnamed has a comment
	//
	//	with code
	//
	// and a list:
	//   - one
	//   - two
	//
	// Deprecated: use [Shapes.Blank].
	Unnamed(context.Context, int, string) (int, string, error)
	Blank(_ context.Context, _ int, _ string) (_ int, _ string, _ error)
	Some(ctx context.Context, a, _ int, b string) (sum int, _ string, err error)
	NamedResults(ctx context.Context) (width, height int, problem error)
	NoContext(name string) (string, error)
	Variadic(ctx context.Context, format string, args ...int) error
	VariadicOnly(names ...string) ([]string, error)
	Many(a, b, c, d, e, f, g, h int) (int, int, int, int, int, int, int, int, error)
	ErrorFirst(ctx context.Context) (error, error)

	other.Base
	io.Closer
	Embedded
}

// Embedded is embedded, and overlaps.
type Embedded interface {
	io.Closer
	Twice(n int) (int, error)
}

// Panicking has methods that panic when a call fails.
//
//pingo:plugin failure=panic
type Panicking interface {
	Len() int
	Reset()
	Size() (width, height int)
	Both(ctx context.Context) (int, error)
}

// Zeroing has methods that return zero values when a call fails.
//
// Deprecated: failures would go unnoticed.
//
//pingo:plugin failure=zero
type Zeroing interface {
	Len() int
	Reset()
	Size() (width, height int)
}

// Strings is a contract by an alias of an instance.
//
//pingo:plugin
type Strings = other.List[string]

// Points is a contract by a named instance.
//
//pingo:plugin
type Points other.List[other.Point]

//pingo:plugin
type hidden interface {
	Do(ctx context.Context) error
}

// None has no methods.
//
//pingo:plugin
type None interface{}
