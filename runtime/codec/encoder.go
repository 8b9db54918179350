package codec

import "time"

// Encoder appends values to a buffer.
type Encoder struct {
	buf   []byte
	depth int
	err   error
}

func (e *Encoder) Reset(buf []byte)  { panic("stub") } // starts over, appending to buf
func (e *Encoder) Buffer() []byte    { panic("stub") } // what was written, after what Reset was given
func (e *Encoder) Err() error        { panic("stub") }
func (e *Encoder) Fail(err error)    { panic("stub") } // the first error stays
func (e *Encoder) Enter() bool       { panic("stub") } // in functions of recursive types: false when too deep (a cycle in the data)
func (e *Encoder) Leave()            { panic("stub") }
func (e *Encoder) Message(m Message) { panic("stub") }

func (e *Encoder) Bool(v bool)             { panic("stub") }
func (e *Encoder) Int(v int)               { panic("stub") }
func (e *Encoder) Int8(v int8)             { panic("stub") }
func (e *Encoder) Int16(v int16)           { panic("stub") }
func (e *Encoder) Int32(v int32)           { panic("stub") }
func (e *Encoder) Int64(v int64)           { panic("stub") }
func (e *Encoder) Uint(v uint)             { panic("stub") }
func (e *Encoder) Uint8(v uint8)           { panic("stub") }
func (e *Encoder) Uint16(v uint16)         { panic("stub") }
func (e *Encoder) Uint32(v uint32)         { panic("stub") }
func (e *Encoder) Uint64(v uint64)         { panic("stub") }
func (e *Encoder) Float32(v float32)       { panic("stub") }
func (e *Encoder) Float64(v float64)       { panic("stub") }
func (e *Encoder) Complex64(v complex64)   { panic("stub") }
func (e *Encoder) Complex128(v complex128) { panic("stub") }
func (e *Encoder) String(v string)         { panic("stub") }
func (e *Encoder) Bytes(v []byte)          { panic("stub") } // nil kept
func (e *Encoder) ByteArray(v []byte)      { panic("stub") } // [N]byte: v[:]; no length on the wire
func (e *Encoder) Time(v time.Time)        { panic("stub") }
func (e *Encoder) Error(v error)           { panic("stub") } // nil kept
func (e *Encoder) Empty()                  { panic("stub") } // the one byte of a struct without travelling fields, or of a [0]T

// Marshaled writes what a type's own marshaler returned: e.Marshaled(v.MarshalBinary()).
func (e *Encoder) Marshaled(b []byte, err error) { panic("stub") }

func EncodeSlice[E any](e *Encoder, s []E, elem func(*Encoder, E)) { panic("stub") } // nil kept
func EncodeArray[E any](e *Encoder, s []E, elem func(*Encoder, E)) { panic("stub") } // [N]E: a[:]; no length on the wire
func EncodeMap[K comparable, V any](e *Encoder, m map[K]V, key func(*Encoder, K), val func(*Encoder, V)) {
	panic("stub")
}                                                                   // nil kept
func EncodePointer[T any](e *Encoder, p *T, elem func(*Encoder, T)) { panic("stub") } // nil kept
