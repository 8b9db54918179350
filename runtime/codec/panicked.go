package codec

import (
	"fmt"
	"runtime/debug"
)

// Panicked is a panic of the user's code on a goroutine of this package or of the
// connection: a writer that takes a stream, the marshaler of an item. Nobody could
// recover it there, and it would end the process. So it becomes that of the handler
// which next asks whether all went well.
type Panicked struct {
	Value any
	Stack []byte
}

// NewPanicked is for a deferred function, which has recovered v.
func NewPanicked(v any) *Panicked { return &Panicked{v, debug.Stack()} }

// Error implements error.
func (p *Panicked) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// guarded runs user's code on a goroutine that is not the user's.
func guarded(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = NewPanicked(v)
		}
	}()
	return f()
}
