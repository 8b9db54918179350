package codec

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
)

func knowJSON() {
	know("encoding/json",
		ErrorReference("SyntaxError", firstFormat, encodeSyntaxError, decodeSyntaxError),
		ErrorPointer("UnmarshalTypeError", firstFormat, encodeUnmarshalTypeError, decodeUnmarshalTypeError))
}

func encodeSyntaxError(e *Encoder, v *json.SyntaxError) {
	e.String(v.Error())
	e.Int64(v.Offset)
}

// decodeSyntaxError fills also the text, which encoding/json has in a field
// that it does not export. Should that be gone, the error arrives as a RemoteError.
func decodeSyntaxError(d *Decoder, v *json.SyntaxError) {
	text := reflect.ValueOf(v).Elem().FieldByName("msg")
	if text.Kind() != reflect.String {
		d.Fail(errors.New("encoding/json keeps the text elsewhere"))
		return
	}
	*(*string)(text.Addr().UnsafePointer()) = d.String()
	v.Offset = d.Int64()
}

func encodeUnmarshalTypeError(e *Encoder, v json.UnmarshalTypeError) {
	e.String(v.Value)
	e.Uint(uint(v.Type.Kind()))
	e.String(v.Type.String())
	e.Int64(v.Offset)
	e.strings(v.Struct, v.Field)
}

func decodeUnmarshalTypeError(d *Decoder) json.UnmarshalTypeError {
	return json.UnmarshalTypeError{Value: d.String(), Type: decodeType(d), Offset: d.Int64(), Struct: d.String(), Field: d.String()}
}

// remoteType is a type of the other side, of which kind and text are known. For
// all else it is a type of that kind.
type remoteType struct {
	reflect.Type
	text string
}

func (t *remoteType) String() string { return t.text }

// Nobody knows its methods. These are here because a program that could ask a type for a method by its
// name would keep every exported method of every type.

func (t *remoteType) NumMethod() int                                 { return 0 }
func (t *remoteType) Method(int) (m reflect.Method)                  { return m }
func (t *remoteType) MethodByName(string) (_ reflect.Method, _ bool) { return reflect.Method{}, false }
func (t *remoteType) Methods() iter.Seq[reflect.Method]              { return func(func(reflect.Method) bool) {} }

// decodeType returns the very type if it is a predeclared one.
func decodeType(d *Decoder) reflect.Type {
	kind, text := reflect.Kind(d.Uint()), d.String()
	for _, t := range kinds {
		switch {
		case t.Kind() != kind:
		case t.String() == text:
			return t
		default:
			return &remoteType{t, text}
		}
	}
	d.Fail(fmt.Errorf("unknown kind of type %d", kind))
	return nil
}

// kinds has a type of each kind that encoding/json decodes into.
var kinds = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[float32](), reflect.TypeFor[float64](),
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
	reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
	reflect.TypeFor[uintptr](), reflect.TypeFor[[0]any](), reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any](),
	reflect.TypeFor[struct{}](), reflect.TypeFor[*any](), reflect.TypeFor[any](), reflect.TypeFor[func()](), reflect.TypeFor[chan any](),
	reflect.TypeFor[complex64](), reflect.TypeFor[complex128](),
}
