package schema

import (
	"slices"
	"strings"
)

// What follows is for who reads the types of a contract for something else than to
// compare them.

// Type is a type of a contract. Recursive types are cycles.
type Type = typ

// Kind is how a value of a Type travels.
type Kind = kind

// The kinds, as schema.go explains them.
const (
	Boolean   = boolean
	Signed    = signed
	Unsigned  = unsigned
	Float     = float
	Complex   = complexNumber
	Text      = text
	Bytes     = bytes
	ByteArray = byteArray
	Slice     = slice
	Array     = array
	Map       = mapping
	Pointer   = pointer
	Structure = structure
	Instant   = instant
	Failure   = failure
	Dynamic   = dynamic
	Marshaled = marshaled
	Object    = object
	Function  = function
	Receiver  = receiver
	Sender    = sender
	Handle    = handle
)

// Field is a field of a struct, a parameter or a result. Its name may be empty.
type Field struct {
	Name string
	Type *Type
}

// Signature returns the parameters and results of a method.
func (c *Contract) Signature(name string) (params, results []Field, err error) {
	m, err := c.method(name)
	return exported(m.params), exported(m.results), err
}

func exported(list []field) []Field {
	out := make([]Field, len(list))
	for i, f := range list {
		out[i] = Field{f.name, f.typ}
	}
	return out
}

// Kind tells how values of the type travel.
func (t *typ) Kind() Kind { return t.kind }

// Bits is the size of a number.
func (t *typ) Bits() int { return t.bits }

// Length is that of an array.
func (t *typ) Length() int64 { return t.length }

// Key and Elem are what a composite type consists of.
func (t *typ) Key() *Type  { return t.key }
func (t *typ) Elem() *Type { return t.elem }

// Fields are those of a struct.
func (t *typ) Fields() []Field { return exported(t.fields) }

// Definition is how the contract writes the type, without its name.
func (t *typ) Definition() string { return t.written }

// Variadic tells whether it is the type of a variadic parameter.
func (t *typ) Variadic() bool {
	return t.kind == slice && t.name == "" && strings.HasPrefix(t.written, "...")
}

// Duration tells whether it is that of package time.
func (t *typ) Duration() bool {
	return t.kind == signed && (t.name == "time.Duration" || t.name == `"time".Duration`)
}

// Items are what a sequence or a channel to receive from yields: one type, or two
// of which the second may be an error. It returns nil for every other type.
func (t *typ) Items() []*Type {
	if t.kind == receiver {
		return []*Type{t.elem}
	}
	if t.kind != function || t.length != 1 || len(t.fields) != 1 {
		return nil
	}
	yield := t.fields[0].typ
	if yield.kind != function || len(yield.fields) != int(yield.length)+1 || yield.fields[yield.length].typ.kind != boolean {
		return nil
	}
	var items []*Type
	for _, f := range yield.fields[:yield.length] {
		items = append(items, f.typ)
	}
	if len(items) == 0 || len(items) > 2 {
		return nil
	}
	return items
}

// reading are the methods beside which the generator has Read sent ahead (see package
// resolve), of values that are only read.
var reading = []string{"Read", "Close", "Seek", "ReadAt", "Stat", "ReadDir", "Name"}

// Reads tells whether it is an interface to read bytes from, as io.ReadCloser and fs.File
// are, whose Read codec.ReadHandler serves.
func (t *typ) Reads() bool { return t.ofIO("Read") && t.within(reading) }

// Closes tells whether it is an interface with the Close of io.Closer.
func (t *typ) Closes() bool { return t.ofIO("Close") }

// Methods are the names of the methods of an interface, if all of them are the first of these
// or among the others, and are those of package io. Otherwise it is nil.
func (t *typ) Methods(first string, others ...string) []string {
	if !t.ofIO(first) || !t.within(append(others, first)) {
		return nil
	}
	var names []string
	for _, m := range t.fields {
		if !t.ofIO(m.name) {
			return nil
		}
		names = append(names, m.name)
	}
	slices.Sort(names)
	return names
}

// within tells whether an interface has no other methods.
func (t *typ) within(names []string) bool {
	return t.kind == object && !slices.ContainsFunc(t.fields, func(m field) bool { return !slices.Contains(names, m.name) })
}

// ofIO tells whether an interface has a method as package io has it.
func (t *typ) ofIO(name string) bool {
	params, known := map[string][]kind{"Read": {bytes}, "Write": {bytes}, "ReadAt": {bytes, signed}, "Seek": {signed, signed}, "Close": {}}[name]
	results := []kind{failure}
	if len(params) > 0 {
		results = []kind{signed, failure}
	}
	return known && t.kind == object && slices.ContainsFunc(t.fields, func(m field) bool {
		return m.name == name && m.typ.length == int64(len(params)) &&
			slices.EqualFunc(m.typ.fields, append(params, results...), func(f field, k kind) bool { return f.typ.kind == k })
	})
}
