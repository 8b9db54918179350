// Package other declares types that contracts of other packages use. Its name
// is not its own: see package kinds.
package other

import (
	"errors"
	"io/fs"
	"iter"
)

// Point is a struct of another package.
type Point struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// Level is a named integer.
type Level int8

// Tags is a named slice.
type Tags []string

// Token travels as text.
type Token struct{ secret string }

// NewToken returns a token.
func NewToken(secret string) Token { return Token{secret} }

// MarshalText returns the token's text.
func (t Token) MarshalText() ([]byte, error) { return []byte("token:" + t.secret), nil }

// UnmarshalText reads what MarshalText returned.
func (t *Token) UnmarshalText(text []byte) error {
	if len(text) < 6 || string(text[:6]) != "token:" {
		return errors.New("other: not a token")
	}
	t.secret = string(text[6:])
	return nil
}

// Base is an interface to embed.
type Base interface {
	// Ping does nothing.
	Ping() error
}

// List is a generic interface.
type List[T any] interface {
	// Add appends v.
	Add(v T) error
	// All returns everything.
	All() ([]T, error)
}

// Names of predeclared types, for packages that declare their own.
type (
	Error = error
	Text  = string
	Bytes = []byte
	Truth = bool
	Int   = int
)

// Numbers is a named sequence.
type Numbers iter.Seq[int]

// Files mentions interfaces of another package.
type Files interface {
	// Open opens a file.
	Open(name string) (fs.File, error)
}

// Embedded has methods with predeclared types, to be embedded anywhere.
type Embedded interface {
	// Embedded takes and returns predeclared types.
	Embedded(s string, n int, b []byte, t map[string]bool) (string, int, byte, error)
}
