package codec

import (
	"encoding/binary"
	"errors"
	"math"
)

// maxDepth bounds the nesting of recursive types and of errors, in both directions.
const maxDepth = 1000

var errDepth = errors.New("value nested deeper than 1000 levels: a cycle in the data cannot be sent")

// Encoder appends values to a buffer. The zero value is ready for use.
type Encoder struct {
	buf    []byte
	depth  int
	err    error
	causes []error // of the error whose fields are being encoded

	asText int // how many calls of AnyOrText are under way

	peer     Peer
	mentions mentions

	lending bool
	lent    []Lent
	files   *outgoingFiles // nil for none
	gives   bool           // files change hands
	apart   bool           // what is encoded is no message
}

// Reset starts over, appending to buf.
func (e *Encoder) Reset(buf []byte) { *e = Encoder{buf: buf} }

// Buffer returns what Reset was given with all that was written behind it, but for
// what was lent.
func (e *Encoder) Buffer() []byte { return e.buf }

// grown takes buf, which something was appended to. Mostly it is where it was, and then
// only its length is stored: a collection that runs has to be told of each pointer,
// and would hear of this one several times a field.
func (e *Encoder) grown(buf []byte) {
	if cap(buf) == cap(e.buf) {
		e.buf = e.buf[:len(buf)]
		return
	}
	e.buf = buf
}

// Err returns the first error.
func (e *Encoder) Err() error { return e.err }

// Fail makes err the error, unless there is one already.
func (e *Encoder) Fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// Enter is called by functions of recursive types before they go down, and
// Leave after. It returns false when the value is too deep.
func (e *Encoder) Enter() bool {
	if e.err != nil {
		return false
	}
	if e.depth == maxDepth {
		e.Fail(errDepth)
		return false
	}
	e.depth++
	return true
}

// Leave ends what Enter began.
func (e *Encoder) Leave() { e.depth-- }

// Message writes all of m.
func (e *Encoder) Message(m Message) { m.Encode(e) }

// Bool writes one byte, 0 or 1.
func (e *Encoder) Bool(v bool) {
	var b byte
	if v {
		b = 1
	}
	e.buf = append(e.buf, b)
}

// Nil writes a byte that says whether a value is nil, 0 if so, and tells the same.
func (e *Encoder) Nil(isNil bool) bool {
	e.Bool(!isNil)
	return isNil
}

// Int writes a zigzag varint, as do the other signed integers.
func (e *Encoder) Int(v int)     { e.Int64(int64(v)) }
func (e *Encoder) Int8(v int8)   { e.Int64(int64(v)) }
func (e *Encoder) Int16(v int16) { e.Int64(int64(v)) }
func (e *Encoder) Int32(v int32) { e.Int64(int64(v)) }
func (e *Encoder) Int64(v int64) { e.grown(binary.AppendVarint(e.buf, v)) }

// Uint writes a varint, as do the other unsigned integers.
func (e *Encoder) Uint(v uint)     { e.Uint64(uint64(v)) }
func (e *Encoder) Uint8(v uint8)   { e.Uint64(uint64(v)) }
func (e *Encoder) Uint16(v uint16) { e.Uint64(uint64(v)) }
func (e *Encoder) Uint32(v uint32) { e.Uint64(uint64(v)) }
func (e *Encoder) Uint64(v uint64) { e.grown(binary.AppendUvarint(e.buf, v)) }

// Float32 writes 4 bytes, little-endian.
func (e *Encoder) Float32(v float32) {
	e.grown(binary.LittleEndian.AppendUint32(e.buf, math.Float32bits(v)))
}

// Float64 writes 8 bytes, little-endian.
func (e *Encoder) Float64(v float64) {
	e.grown(binary.LittleEndian.AppendUint64(e.buf, math.Float64bits(v)))
}

// Complex64 writes the real part and the imaginary one.
func (e *Encoder) Complex64(v complex64) {
	e.Float32(real(v))
	e.Float32(imag(v))
}

// Complex128 writes the real part and the imaginary one.
func (e *Encoder) Complex128(v complex128) {
	e.Float64(real(v))
	e.Float64(imag(v))
}

// String writes the length and the bytes.
func (e *Encoder) String(v string) {
	if len(v) < 0x80 { // most
		e.grown(append(append(e.buf, byte(len(v))), v...))
		return
	}
	e.Uint64(uint64(len(v)))
	if len(v) >= lendFrom {
		e.content(stringBytes(v))
		return
	}
	e.grown(append(e.buf, v...))
}

// Bytes writes 0 for nil, else the length plus one and the bytes.
func (e *Encoder) Bytes(v []byte) {
	e.count(len(v), v == nil)
	e.content(v)
}

// ByteArray writes the bytes of an array, v[:], without a length.
func (e *Encoder) ByteArray(v []byte) {
	if len(v) == 0 {
		e.Empty()
	}
	e.grown(append(e.buf, v...))
}

// Empty writes the one byte of a value that has no content.
func (e *Encoder) Empty() { e.buf = append(e.buf, 0) }

// Marshaled writes what a type's own marshaler returned: e.Marshaled(v.MarshalBinary()).
// The length plus one stands before it, and 0 alone means that there is none.
func (e *Encoder) Marshaled(b []byte, err error) {
	if err != nil {
		e.Fail(err)
		return
	}
	e.count(len(b), false)
	e.content(b)
}

// count writes the length of a nillable value.
func (e *Encoder) count(n int, isNil bool) {
	if isNil {
		e.Empty()
		return
	}
	e.Uint64(uint64(n) + 1)
}
