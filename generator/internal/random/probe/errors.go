package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"strconv"
)

// sentinels are errors that are known by identity.
var sentinels = []error{io.EOF, io.ErrUnexpectedEOF, fs.ErrNotExist, context.Canceled, errors.ErrUnsupported}

// known are the types of errors that travel with their fields.
var known = []reflect.Type{reflect.TypeFor[*fs.PathError](), reflect.TypeFor[*strconv.NumError]()}

// Errors notes the errors of a package: variables, and zero values of types.
func Errors(variables, types []error) {
	sentinels = append(sentinels, variables...)
	for _, e := range types {
		known = append(known, reflect.TypeOf(e))
	}
}

// odd is an error that nobody knows.
type odd struct{ text string }

func (e *odd) Error() string { return e.text }

func (f *filler) error() error {
	f.left--
	if f.left <= 0 || f.depth > 8 {
		return nil
	}
	f.depth++
	defer func() { f.depth-- }()
	switch f.rng.IntN(8) {
	case 0, 1:
		return nil
	case 2:
		return &odd{f.text()}
	case 3:
		return errors.New(f.text())
	case 4:
		return sentinels[f.rng.IntN(len(sentinels))]
	case 5:
		if cause := f.error(); cause != nil {
			return fmt.Errorf("wrapped %d: %w", f.rng.IntN(10), cause)
		}
		return errors.ErrUnsupported
	case 6:
		return errors.Join(f.error(), f.error(), io.EOF)
	}
	return f.structured()
}

// structured is an error with fields.
func (f *filler) structured() error {
	t := known[f.rng.IntN(len(known))]
	p := reflect.New(t).Elem()
	if t.Kind() == reflect.Pointer {
		p.Set(reflect.New(t.Elem()))
		f.value(p.Elem())
	} else {
		f.value(p)
	}
	switch e := p.Interface().(type) {
	case *fs.PathError:
		e.Err = fs.ErrNotExist
	case *strconv.NumError:
		e.Err = strconv.ErrRange
	}
	return p.Interface().(error)
}

// error dumps text, identity, fields and causes.
func (d *dumper) error(err error) {
	if err == nil {
		d.write("no error")
		return
	}
	d.write("error %s", short([]byte(err.Error())))
	for i, s := range sentinels {
		if errors.Is(err, s) {
			d.write(" is %d", i)
		}
	}
	for _, t := range known {
		if reflect.TypeOf(err) == t {
			d.write(" %v", t)
			v := settable([]reflect.Value{reflect.ValueOf(err)})[0]
			d.value(v)
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if cause := e.Unwrap(); cause != nil {
			d.write(" of ")
			d.error(cause)
		}
	case interface{ Unwrap() []error }:
		d.write(" of [")
		for _, cause := range e.Unwrap() {
			d.error(cause)
			d.write(", ")
		}
		d.write("]")
	}
}
