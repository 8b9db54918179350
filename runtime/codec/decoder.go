package codec

import "time"

// Decoder reads values from one message.
type Decoder struct {
	buf   []byte
	pos   int
	owned bool
	depth int
	err   error
}

// Reset starts over on msg. If owned, msg is never written again and belongs
// to what is decoded: strings and byte slices may point into it.
func (d *Decoder) Reset(msg []byte, owned bool) { panic("stub") }
func (d *Decoder) Err() error                   { panic("stub") }
func (d *Decoder) Fail(err error)               { panic("stub") }
func (d *Decoder) Enter() bool                  { panic("stub") }
func (d *Decoder) Leave()                       { panic("stub") }
func (d *Decoder) Remaining() int               { panic("stub") }

// Message decodes all of m and returns the first error, also if bytes are left over.
func (d *Decoder) Message(m Message) error { panic("stub") }

func (d *Decoder) Bool() bool             { panic("stub") }
func (d *Decoder) Int() int               { panic("stub") } // an error if it does not fit
func (d *Decoder) Int8() int8             { panic("stub") }
func (d *Decoder) Int16() int16           { panic("stub") }
func (d *Decoder) Int32() int32           { panic("stub") }
func (d *Decoder) Int64() int64           { panic("stub") }
func (d *Decoder) Uint() uint             { panic("stub") }
func (d *Decoder) Uint8() uint8           { panic("stub") }
func (d *Decoder) Uint16() uint16         { panic("stub") }
func (d *Decoder) Uint32() uint32         { panic("stub") }
func (d *Decoder) Uint64() uint64         { panic("stub") }
func (d *Decoder) Float32() float32       { panic("stub") }
func (d *Decoder) Float64() float64       { panic("stub") }
func (d *Decoder) Complex64() complex64   { panic("stub") }
func (d *Decoder) Complex128() complex128 { panic("stub") }
func (d *Decoder) String() string         { panic("stub") }
func (d *Decoder) Bytes() []byte          { panic("stub") }
func (d *Decoder) ByteArray(dst []byte)   { panic("stub") }
func (d *Decoder) Time() time.Time        { panic("stub") }
func (d *Decoder) Error() error           { panic("stub") }
func (d *Decoder) Empty()                 { panic("stub") }

// Unmarshal hands the next marshaled value to a type's own unmarshaler:
// d.Unmarshal(v.UnmarshalBinary). The bytes may not be kept after it returns.
func (d *Decoder) Unmarshal(f func([]byte) error) { panic("stub") }

func DecodeSlice[E any](d *Decoder, elem func(*Decoder) E) []E      { panic("stub") }
func DecodeArray[E any](d *Decoder, dst []E, elem func(*Decoder) E) { panic("stub") }
func DecodeMap[K comparable, V any](d *Decoder, key func(*Decoder) K, val func(*Decoder) V) map[K]V {
	panic("stub")
}
func DecodePointer[T any](d *Decoder, elem func(*Decoder) T) *T { panic("stub") }
