// Package anything has contracts with values of any type, and one of log/slog.
package anything

import (
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"log/slog"

	pingo "github.com/pingogen/pingogen/runtime"
)

func init() {
	pingo.RegisterType[Thing]()
	pingo.RegisterType[*Thing]()
	pingo.RegisterType[Level]()
	pingo.RegisterType[[]string]()
}

// Anything has values of any type in every position.
//
//pingo:plugin
type Anything interface {
	Echo(ctx context.Context, v any) (any, error)
	Positions(ctx context.Context, p Positions) (Positions, error)
	Variadic(args ...interface{}) ([]any, error)
	Stream(ctx context.Context, in <-chan any) (iter.Seq2[any, error], error)
	Call(ctx context.Context, f func(v any) (Value, error), v any) (any, error)
	Fail(v any) error
	Make(what string) (any, error)
	Attrs(ctx context.Context, r slog.Record, a []slog.Attr, v *slog.Value) (slog.Record, []slog.Attr, *slog.Value, error)
}

// Positions has fields of other types whose values are of any type.
type Positions struct {
	Any     any
	Literal interface{}
	Named   Value
	Foreign driver.Value
	Alias   Alias
	List    []driver.Value
	Array   [2]any
	Map     map[string]Value
	Pointer *any
	Next    *Positions
}

type (
	// Value is an interface without methods.
	Value any
	// Alias is any.
	Alias = any
)

// Thing is registered.
type Thing struct {
	Name  string
	Inner any
	Err   error
	stays func() `pingo:"-"`
}

// Level is registered.
type Level int

// HoldingError is an error with a value of any type.
type HoldingError struct{ Value any }

func (e *HoldingError) Error() string { return fmt.Sprintf("holding %v", e.Value) }

// Handler is served by a plugin.
//
//pingo:plugin failure=zero
type Handler = slog.Handler

// Logs has handlers whose output can be asked for.
//
//pingo:plugin failure=zero strings=own
type Logs interface {
	// Take returns what was logged since it was called last.
	Take() ([]map[string]any, error)
	// Open returns a handler by reference.
	Open() (slog.Handler, error)
	// Log logs to a handler of the caller.
	Log(ctx context.Context, h slog.Handler, message string, args ...any) error
}
