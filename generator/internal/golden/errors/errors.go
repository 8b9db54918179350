// Package errors has a contract whose errors keep their identity.
package errors

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Failing fails.
//
//pingo:plugin
type Failing interface {
	// Fail returns an error that was chosen by its name.
	Fail(name string) error
	// Both returns an error beside the one that it fails with.
	Both() (beside error, err error)
}

// Variables that are errors.
var (
	ErrNotFound       = errors.New("not found")
	ErrEmpty    error = Code(0)
	ErrWrapped        = fmt.Errorf("wrapped: %w", io.ErrUnexpectedEOF)
	ErrPointer        = &PointerError{Name: "the one"}
	ErrNil      error

	// Errors is no error, and errHidden is not exported.
	Errors    []error
	errHidden = errors.New("hidden")
)

// PointerError is an error by pointer that says what it is about.
type PointerError struct {
	Name  string
	At    time.Time
	depth int // travels too
	Err   error
}

func (e *PointerError) Error() string { return fmt.Sprintf("%s at %d: %v", e.Name, e.depth, e.Err) }

// Unwrap returns Err.
func (e *PointerError) Unwrap() error { return e.Err }

// ValueError is an error by value.
type ValueError struct {
	Code   Code
	Detail map[string]string
	Nested *PointerError
	Tree   *ValueError
}

func (e ValueError) Error() string { return fmt.Sprintf("value %d", e.Code) }

// Is tells whether target has the same code.
func (e ValueError) Is(target error) bool { return target == error(e.Code) }

// Embedding embeds an error, and has its methods.
type Embedding struct {
	error
	Extra int
}

// Code is a number.
type Code uint8

func (c Code) Error() string { return fmt.Sprintf("code %d", uint8(c)) }

// Text is a constant that is an error.
type Text string

// ErrConstant is not a variable, but its type travels.
const ErrConstant Text = "constant"

func (t Text) Error() string { return string(t) }

// List is several errors.
type List []error

func (l List) Error() string { return fmt.Sprint([]error(l)) }

// Unwrap returns them.
func (l List) Unwrap() []error { return l }

// LockedError must not be copied.
type LockedError struct {
	mu    sync.Mutex `pingo:"-"`
	Count int
}

func (e *LockedError) Error() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return fmt.Sprintf("failed %d times", e.Count)
}

// PartialError leaves a part of it behind.
type PartialError struct {
	Kept    string
	Skipped func() `pingo:"-"`
}

func (e *PartialError) Error() string { return e.Kept }

// FuncError cannot travel: it arrives as its text and what it wraps.
type FuncError struct {
	Retry func()
	Err   error
}

func (e *FuncError) Error() string { return "func: " + e.Err.Error() }

// Unwrap returns Err.
func (e *FuncError) Unwrap() error { return e.Err }

// GenericError has as many definitions as instances, and stays unknown.
type GenericError[T any] struct{ Value T }

func (e GenericError[T]) Error() string { return fmt.Sprint(e.Value) }

// AliasError is PointerError by another name.
type AliasError = PointerError

// Temporary is an interface, not a type of errors.
type Temporary interface {
	error
	Temporary() bool
}

// hiddenError is not exported.
type hiddenError struct{ Err error }

func (e hiddenError) Error() string { return "hidden: " + e.Err.Error() }

func (e hiddenError) Unwrap() error { return e.Err }
