// Package plain is what drawn packages import: the language's types by other
// names, types that belong to another package than the contract, and helpers.
package plain

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// The language's own types, for packages that declare theirs by the same name.
type (
	Any        = any
	Bool       = bool
	Byte       = byte
	Complex64  = complex64
	Complex128 = complex128
	Error      = error
	Float32    = float32
	Float64    = float64
	Int        = int
	Int8       = int8
	Int16      = int16
	Int32      = int32
	Int64      = int64
	Rune       = rune
	String     = string
	Uint       = uint
	Uint8      = uint8
	Uint16     = uint16
	Uint32     = uint32
	Uint64     = uint64
)

// Comparable is comparable.
type Comparable interface{ comparable }

// Point is a struct of another package.
type Point struct {
	X, Y  int
	Label *string
	More  []Point
}

// Level is a number with a name.
type Level uint8

// Box holds a value of any type.
type Box[T any] struct {
	Value T
	Next  *Box[T]
}

// Named is an interface of another package.
type Named interface {
	Name() (string, error)
	Rename(name string) (Named, error)
}

// Sealed carries fields that are not exported by its own methods.
type Sealed struct {
	n    int64
	text string
}

// MarshalBinary carries both fields.
func (s Sealed) MarshalBinary() ([]byte, error) { return Pack(s.n, s.text) }

// UnmarshalBinary takes what MarshalBinary made.
func (s *Sealed) UnmarshalBinary(b []byte) error { return Unpack(b, &s.n, &s.text) }

// Pack writes a number and a string as text.
func Pack(n int64, s string) ([]byte, error) { return fmt.Appendf(nil, "%d:%x", n, s), nil }

// Unpack reads what Pack wrote.
func Unpack(b []byte, n *int64, s *string) error {
	number, text, _ := strings.Cut(string(b), ":")
	if _, err := fmt.Sscan(number, n); err != nil {
		return err
	}
	raw, err := hex.DecodeString(text)
	*s = string(raw)
	return err
}

// Text is the text of an error with a cause, which may be nil.
func Text(name string, cause error) string {
	if cause == nil {
		return name
	}
	return name + ": " + cause.Error()
}

// New is errors.New.
func New(text string) error { return errors.New(text) }

// Wrap is an error with a cause.
func Wrap(text string, cause error) error { return fmt.Errorf("%s: %w", text, cause) }
