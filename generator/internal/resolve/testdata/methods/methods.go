// Package methods has interfaces and methods that cannot be contracts.
package methods

import (
	"context"
	"fmt"
	"go/ast"
	"io"
)

//pingo:plugin
type NoError interface {
	Name() string
	Nothing()
	Two() (error, int)
	Fine(ctx context.Context) error
}

//pingo:plugin failure=panic
type Panicking interface {
	Name() string
}

//pingo:plugin failure=zero
type Zeroing interface {
	Name() string
}

//pingo:plugin
type Hidden interface {
	Do() error
	undo() error
}

//pingo:plugin
type Generic[T any] interface {
	Do(T) error
}

//pingo:plugin
type Instance = Generic[chan int]

//pingo:plugin
type Number interface {
	~int | ~float64
}

//pingo:plugin
type Comparable interface {
	comparable
	Do() error
}

//pingo:plugin
type Embeds interface {
	io.Reader
	fmt.Stringer
	Missing
}

//pingo:plugin
type Undefined interface {
	Do(x Nowhere) error
	Inside(x Inner) error
}

type Inner struct {
	A []Nowhere2
}

//pingo:plugin
type Alias = fmt.Stringer

//pingo:plugin
type Named fmt.Stringer

//pingo:plugin
type Taken interface{ Do() error }

type TakenClient struct{}

func RegisterTaken() {}

//pingo:plugin failure=zero
type Foreign = ast.Expr

//pingo:plugin
type Error = error

//pingo:plugin
type Reading interface {
	Read(p []byte) (int, error)
	ReadAt(p []byte, at int64) (n int, err error)
	Write(p []byte) (int, error)
}

//pingo:plugin
type File interface{ io.ReadCloser }

//pingo:plugin
type Reaches interface {
	Endless(Endless[int]) error
	Twice(Twice) (Twice, error)
	Itself(Itself) error
	Argument(*List[Holder]) error
}

// Endless has no end.
type Endless[T any] struct {
	A []Endless[[]T]
	B []Endless[map[string]T]
}

type Twice struct {
	Name string
	Name int
}

type Itself struct{ Itself Itself }

type List[T any] struct{ V T }

type Holder struct{ List List[Holder] }

type Unreached struct{ A, A int }

var elsewhere int = "not an int"
