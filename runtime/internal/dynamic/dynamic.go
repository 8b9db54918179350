// Package dynamic converts between JSON and the bytes that generated code sends, by
// the description of a type: for who calls a method without having its code.
//
// What JSON has, stands for itself: booleans, numbers, strings, arrays, objects for
// structs and maps, null for nil. For everything else:
//
//	[]byte, [N]byte, types with MarshalBinary, GobEncode or proto messages   base64
//	types with MarshalText          their text
//	time.Time                       RFC 3339
//	time.Duration                   "1.5s", or nanoseconds
//	complex64, complex128           "(1+2i)"
//	NaN and infinities              "NaN", "+Inf", "-Inf"
//	error                           its text
//	any                             whatever stands there; numbers are an int or a float64
//	a key of a map                  its JSON, if that is no string
//
// Where null stands, or nothing in a struct, is the zero value. What is passed by
// reference cannot be written down: see Reference.
package dynamic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// Parse reads one JSON value as Encode takes it: numbers stay as they are written.
func Parse(text string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, NotJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

// NotJSON explains the error of a json.Decoder.
func NotJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON value is not complete")
	}
	return fmt.Errorf("not JSON: %w", err)
}

// Object is a JSON object whose members keep their order.
type Object []Member

// Member is a member of an Object.
type Member struct {
	Name  string
	Value any
}

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) {
	b := []byte("{")
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// Marshal is json.Marshal without the escapes of HTML.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Reference returns the first part of t that is passed by reference, and where it
// is, or that cannot be written down for another reason; nil if there is none.
func Reference(t *schema.Type) (part *schema.Type, path string) {
	return reference(t, "", map[*schema.Type]bool{})
}

func reference(t *schema.Type, path string, seen map[*schema.Type]bool) (*schema.Type, string) {
	if t == nil || seen[t] {
		return nil, ""
	}
	seen[t] = true
	if stays(t) {
		return t, path
	}
	if part, where := reference(t.Key(), path+"[key]", seen); part != nil {
		return part, where
	}
	elem := path
	if t.Kind() != schema.Pointer {
		elem += "[]"
	}
	if part, where := reference(t.Elem(), elem, seen); part != nil {
		return part, where
	}
	for _, f := range t.Fields() {
		if part, where := reference(f.Type, path+"."+f.Name, seen); part != nil {
			return part, where
		}
	}
	return nil, ""
}

// stays tells whether values of t stay where they are.
func stays(t *schema.Type) bool {
	switch t.Kind() {
	case schema.Object, schema.Function, schema.Receiver, schema.Sender, schema.Handle:
		return true
	}
	return t.Kind() > schema.Handle || t.Kind() < schema.Boolean // nothing is known of it
}

// textual tells whether values of t are strings in JSON.
func textual(t *schema.Type) bool {
	switch t.Kind() {
	case schema.Text, schema.Bytes, schema.ByteArray, schema.Instant, schema.Marshaled, schema.Complex:
		return true
	}
	return t.Duration()
}

// index is a step of a path.
func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
