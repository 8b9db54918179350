package directives

import (
	"context"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// Rows fills what it is given.
//
//pingo:plugin
//pingo:inout github.com/pingogen/pingogen/generator/internal/golden/other.Scanner.Scan dest 2
type Rows interface {
	// Next fills dest with the next row, also when it is the last.
	//
	//pingo:inout dest
	Next(dest []Cell) error

	// Update works on a map.
	//
	//pingo:inout counts
	Update(ctx context.Context, counts map[string]int, by int) (n int, err error)

	//pingo:inout into missing
	Load(key string, into *Cell, missing *Cell) error

	//pingo:inout args reply
	Variadic(reply []byte, args ...int) (total int, err error)

	//pingo:inout readers
	Readers(readers []Reader) error

	//pingo:inout dest
	Panic(dest []int) error

	Scanner(ctx context.Context) (other.Scanner, error)
	Plain(dest []int) error
	UseFiller(ctx context.Context, f Filler) error
}

// Cell is filled.
type Cell struct {
	Text string
	Next *Cell
}

// Reader stays where it is.
type Reader interface {
	Read() (int, error)
}

// Filler is passed by reference, and fills.
type Filler interface {
	//pingo:inout 2
	Fill(context.Context, []string) error
}

// Fillers has no errors.
//
//pingo:plugin failure=panic
type Fillers interface {
	//pingo:inout copy
	Fill(copy []int)
	//pingo:inout m
	Get(m map[int]int) int
}

// ZeroFillers has none, either.
//
//pingo:plugin failure=zero
type ZeroFillers interface {
	//pingo:inout p
	Fill(p *int, fail bool) int
}
