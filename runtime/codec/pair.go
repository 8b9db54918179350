package codec

import (
	"errors"
	"fmt"
	"reflect"
)

// A pair of functions carries a type that has no marshaler, in the bytes that one
// would have written.

var errNilPair = errors.New("the decoder returned nil")

// EncodeBy writes what the encoder of a pair returns for v.
func EncodeBy[T any](e *Encoder, v T, encode func(T) ([]byte, error)) {
	b, err := encode(v)
	if err != nil {
		err = fmt.Errorf("encode %s: %w", reflect.TypeFor[T](), err)
	}
	e.Marshaled(b, err)
}

// DecodeBy returns what the decoder of a pair makes of what EncodeBy wrote. The
// bytes are its to keep. Where there are none, since the other side knows of no
// such value, it is not called.
func DecodeBy[T any](d *Decoder, decode func([]byte) (T, error)) (v T) {
	b := d.Bytes()
	if b == nil || d.err != nil {
		return v
	}
	v, err := decode(b)
	if err != nil {
		d.Fail(fmt.Errorf("decode %s: %w", reflect.TypeFor[T](), err))
	}
	return v
}

// DecodeValueBy is DecodeBy with a decoder that returns a pointer to the value.
func DecodeValueBy[T any](d *Decoder, decode func([]byte) (*T, error)) (v T) {
	if p := decodePointed(d, decode); p != nil {
		v = *p
	}
	return v
}

// EncodePointerBy writes 0 for nil, else 1 and what EncodeBy writes.
func EncodePointerBy[T any](e *Encoder, p *T, encode func(*T) ([]byte, error)) {
	e.Bool(p != nil)
	if p != nil {
		EncodeBy(e, p, encode)
	}
}

// DecodePointerBy reads what EncodePointerBy wrote.
func DecodePointerBy[T any](d *Decoder, decode func([]byte) (*T, error)) *T {
	if !d.Bool() {
		return nil
	}
	if p := decodePointed(d, decode); p != nil {
		return p
	}
	return new(T)
}

// decodePointed is DecodeBy, which returns nil only where there is nothing.
func decodePointed[T any](d *Decoder, decode func([]byte) (*T, error)) *T {
	return DecodeBy(d, func(b []byte) (*T, error) {
		p, err := decode(b)
		if p == nil && err == nil {
			err = errNilPair
		}
		return p, err
	})
}
