// Package shadow declares, for itself, what the language and the runtime declare.
package shadow

import (
	stdcontext "context"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

type (
	error   struct{ text string }
	string  []int
	int     struct{ n int64 }
	byte    bool
	bool    float64
	context struct{ Text string }
	pingo   map[uint8]string
	codec   [2]error
	fmt     uint8
	any     struct{}
	nil     struct{ N fmt }
)

func panic(nil)      {}
func len() int       { return int{} }
func make() (b byte) { return b }

var _ = []interface{}{panic, len, make, referenceOf}

// Shadow uses them, and the language's own by other names.
//
//pingo:plugin
type Shadow interface {
	Types(ctx stdcontext.Context, a error, b string, c int, d byte, e bool, f context, g pingo, h codec, i fmt, j nil, k any) (error, string, int, byte, bool, context, pingo, codec, fmt, nil, any, other.Error)
	Real(s other.Text, b other.Bytes, n Number, t other.Truth, l []other.Level) (other.Text, other.Bytes, Number, other.Truth, []other.Point, other.Error)
	Nothing() other.Error
	other.Embedded
}

// Panicking has no error results.
//
//pingo:plugin failure=panic
type Panicking interface {
	Do(n Number)
	Get() Number
}

// Stays mentions what stays where it is.
//
//pingo:plugin failure=zero
type Stays interface {
	Open(ctx stdcontext.Context, f func(p, r, v, e, d Number) other.Error, files other.Files) (iter, other.Error)
	Range(seq other.Numbers, c <-chan Number, in chan<- other.Text) other.Error
	Read(p other.Bytes) (other.Int, other.Error)
}

// iter hides a package that generated code may need.
type iter interface {
	p(p Number) other.Error
	Next() iter
}

func referenceOf() {}

// Number is a named integer.
type Number uint16

// Chooses asks, fills and carries.
//
//pingo:plugin
//pingo:value says
type Chooses interface {
	//pingo:inout copy reply
	Say(s says, copy map[Number]Number, reply []carried) (says, other.Error)
}

type says interface {
	Type() Number
	Err() other.Error
	Encode() (other.Text, any)
	nil() [2]Number
	says() says
}

type carried struct{ F func() }

//pingo:codec
func e(carried) (other.Bytes, other.Error) {
	panic(nil{})
	return other.Bytes("e"), other.Error(noError{})
}

//pingo:codec
func d(other.Bytes) (carried, other.Error) { return carried{}, other.Error(noError{}) }

type noError struct{}

func (noError) Error() other.Text { return "" }
