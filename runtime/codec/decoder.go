package codec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// The strings of a message share copies of parts of it. One allocation serves
// many; the price is that a string keeps those beside it alive.
const (
	sharedText = 8 << 10 // bytes of a copy
	longText   = 2 << 10 // bytes from which on a string has a copy of its own
	// smallMessage is up to which size it is taken for granted that there are more
	// strings than the first; in a larger one they may stand beside something else.
	smallMessage = 4 << 10
)

var (
	errShort    = errors.New("message ends early")
	errVarint   = errors.New("malformed varint")
	errLeftOver = errors.New("bytes are left over")
)

// Decoder reads values from one message. The zero value has an empty one.
type Decoder struct {
	buf    []byte
	pos    int
	depth  int
	err    error
	text   string  // copy of a part of buf
	textAt int     // where that begins
	causes []error // of the error whose fields are being decoded
	texts  int     // how many bytes of text the errors may still have

	// Side by side, since there is a Decoder in each call.
	owned   bool  // what is decoded may point into buf
	second  bool  // a string was decoded before
	own     bool  // strings do not share anything
	unknown uint8 // what is done with a registered value that cannot be decoded: unknownFails

	peer    Peer
	imports []uint64 // what the message brought and nobody has claimed yet
	claimed []uint64
	scope   Scope
	caller  context.Context // see ReplyTo
	from    string          // see ReplyTo and ArgumentsOf
	files   *incomingFiles  // nil for none
	stops   []func()        // end goroutines that serve what was decoded
}

// Reset starts over on msg. If owned, msg is never written again and belongs
// to what is decoded: strings and byte slices may point into it.
func (d *Decoder) Reset(msg []byte, owned bool) {
	*d = Decoder{buf: msg, owned: owned, texts: 64<<10 + 16*len(msg)}
}

// Replace goes on with msg, which belongs to what is decoded, in place of what is
// left. It comes from where that came from, and mentions some of the same references.
func (d *Decoder) Replace(msg []byte) {
	d.buf, d.pos, d.owned = msg, 0, true
	d.text, d.textAt, d.second = "", 0, false
}

// Err returns the first error.
func (d *Decoder) Err() error { return d.err }

// Fail makes err the error, unless there is one already, with the place in the message.
func (d *Decoder) Fail(err error) {
	if d.err == nil {
		d.err = fmt.Errorf("at byte %d of %d: %w", d.pos, len(d.buf), err)
		d.pos = len(d.buf)
	}
}

// Enter is called by functions of recursive types before they go down, and
// Leave after. It returns false when the value is too deep.
func (d *Decoder) Enter() bool {
	if d.depth == maxDepth {
		d.Fail(errDepth)
	}
	if d.err != nil {
		return false
	}
	d.depth++
	return true
}

// Leave ends what Enter began.
func (d *Decoder) Leave() { d.depth-- }

// Remaining is how many bytes are left.
func (d *Decoder) Remaining() int { return len(d.buf) - d.pos }

// Rest returns the bytes that are left.
func (d *Decoder) Rest() []byte { return d.buf[d.pos:] }

// Message decodes all of m, and ends.
func (d *Decoder) Message(m Message) error {
	m.Decode(d)
	return d.End()
}

// End is called when a message has been decoded. It returns the first error, also if bytes are left over, and
// closes what files came with the message and are not among what was decoded.
func (d *Decoder) End() error {
	if d.err == nil && d.pos < len(d.buf) {
		d.Fail(errLeftOver)
	}
	d.CloseFiles()
	if d.err != nil {
		d.abandon()
	}
	return d.err
}

// abandon is for what was decoded and nobody gets: no channel of it will be used or
// closed, so its goroutine would wait for ever, and hold what it mentions.
func (d *Decoder) abandon() {
	for _, stop := range d.stops {
		stop()
	}
	d.stops = nil
}

// take returns the next n bytes of the message, or nil and an error.
func (d *Decoder) take(n uint64) (b []byte) {
	b, d.pos = d.takeAt(d.pos, n)
	return b
}

// takeAt is take from pos on, and returns where the bytes end, as other functions that
// end with At do: their callers keep the position.
func (d *Decoder) takeAt(pos int, n uint64) ([]byte, int) {
	if n > uint64(len(d.buf)-pos) {
		return nil, d.failAt(pos, errShort)
	}
	end := pos + int(n)
	return d.buf[pos:end], end
}

func (d *Decoder) failAt(pos int, err error) (end int) {
	d.pos = pos
	d.Fail(err)
	return d.pos
}

func (d *Decoder) byte() byte {
	if d.pos >= len(d.buf) {
		d.Fail(errShort)
		return 0
	}
	b := d.buf[d.pos]
	d.pos++
	return b
}

// Bool reads a byte that is 0 or 1.
func (d *Decoder) Bool() bool {
	b := d.byte()
	if b > 1 {
		d.Fail(fmt.Errorf("byte %d is not a bool", b))
		return false
	}
	return b == 1
}

// Int reads a signed integer that fits the type, as do the following.
func (d *Decoder) Int() int     { return int(d.signed(strconvIntSize)) }
func (d *Decoder) Int8() int8   { return int8(d.signed(8)) }
func (d *Decoder) Int16() int16 { return int16(d.signed(16)) }
func (d *Decoder) Int32() int32 { return int32(d.signed(32)) }

// Int64 reads a zigzag varint.
func (d *Decoder) Int64() int64 { return zigzag(d.Uint64()) }

// Uint reads an unsigned integer that fits the type, as do the following.
func (d *Decoder) Uint() uint     { return uint(d.unsigned(strconvIntSize)) }
func (d *Decoder) Uint8() uint8   { return uint8(d.unsigned(8)) }
func (d *Decoder) Uint16() uint16 { return uint16(d.unsigned(16)) }
func (d *Decoder) Uint32() uint32 { return uint32(d.unsigned(32)) }

// Uint64 reads a varint.
func (d *Decoder) Uint64() (v uint64) {
	v, d.pos = d.uvarintAt(d.pos)
	return v
}

func (d *Decoder) uvarintAt(pos int) (uint64, int) {
	if pos < len(d.buf) && d.buf[pos] < 0x80 {
		return uint64(d.buf[pos]), pos + 1
	}
	return d.longUvarintAt(pos)
}

// longUvarintAt reads a varint of more than one byte. Few have more than five, and records
// are decoded a tenth faster without a loop for those. Each step takes the
// continuation bit of the last byte back.
func (d *Decoder) longUvarintAt(pos int) (uint64, int) {
	if b := d.buf[pos:]; len(b) >= 5 {
		v := uint64(b[0]) + uint64(b[1])<<7 - 0x80
		if b[1] < 0x80 {
			return v, pos + 2
		}
		v += uint64(b[2])<<14 - 0x80<<7
		if b[2] < 0x80 {
			return v, pos + 3
		}
		v += uint64(b[3])<<21 - 0x80<<14
		if b[3] < 0x80 {
			return v, pos + 4
		}
		v += uint64(b[4])<<28 - 0x80<<21
		if b[4] < 0x80 {
			return v, pos + 5
		}
	}
	v, n := binary.Uvarint(d.buf[pos:])
	switch {
	case n > 0:
		return v, pos + n
	case n == 0:
		return 0, d.failAt(pos, errShort)
	default:
		return 0, d.failAt(pos, errVarint)
	}
}

const strconvIntSize = 32 << (^uint(0) >> 63)

func zigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

func (d *Decoder) signed(bits uint) (v int64) {
	v, d.pos = d.signedAt(d.pos, bits)
	return v
}

func (d *Decoder) signedAt(pos int, bits uint) (int64, int) {
	u, pos := d.uvarintAt(pos)
	v := zigzag(u)
	if shift := 64 - bits; v<<shift>>shift != v {
		return 0, d.failAt(pos, fmt.Errorf("%d does not fit int%d", v, bits))
	}
	return v, pos
}

func (d *Decoder) unsigned(bits uint) (v uint64) {
	v, d.pos = d.unsignedAt(d.pos, bits)
	return v
}

func (d *Decoder) unsignedAt(pos int, bits uint) (uint64, int) {
	v, pos := d.uvarintAt(pos)
	if shift := 64 - bits; v<<shift>>shift != v {
		return 0, d.failAt(pos, fmt.Errorf("%d does not fit uint%d", v, bits))
	}
	return v, pos
}

// Float32 reads 4 bytes, little-endian.
func (d *Decoder) Float32() float32 {
	b := d.take(4)
	if b == nil {
		return 0
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(b))
}

// Float64 reads 8 bytes, little-endian.
func (d *Decoder) Float64() float64 {
	b := d.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// Complex64 reads the real part and the imaginary one.
func (d *Decoder) Complex64() complex64 {
	r, i := d.Float32(), d.Float32()
	return complex(r, i)
}

// Complex128 reads the real part and the imaginary one.
func (d *Decoder) Complex128() complex128 {
	r, i := d.Float64(), d.Float64()
	return complex(r, i)
}

// String reads a string. Short strings of a message share copies of parts of it, of up to 8 KiB.
func (d *Decoder) String() (v string) {
	v, d.pos = d.stringAt(d.pos)
	return v
}

func (d *Decoder) stringAt(pos int) (string, int) {
	// Most are short, and stand in the last copy.
	if pos < len(d.buf) && d.buf[pos] < 0x80 {
		start, n := pos+1-d.textAt, int(d.buf[pos])
		if n > 0 && start > 0 && start+n <= len(d.text) {
			return d.text[start : start+n], pos + 1 + n
		}
	}
	d.pos = pos
	v := d.anyString()
	return v, d.pos
}

func (d *Decoder) anyString() string {
	n := d.Uint64()
	at := d.pos
	b := d.take(n)
	switch {
	case len(b) == 0:
		return ""
	case d.own:
		return string(b)
	case d.owned:
		return unsafe.String(&b[0], len(b)) // the message is never written again
	case d.pos <= d.textAt+len(d.text):
	case len(b) >= longText, !d.second && len(d.buf) > smallMessage:
		d.second = true
		return string(b)
	default:
		d.text, d.textAt = string(d.buf[at:min(len(d.buf), at+sharedText)]), at
	}
	return d.text[at-d.textAt : d.pos-d.textAt]
}

// OwnStrings lets each string that is read from now on have memory of its own, so
// that it keeps nothing else alive.
func (d *Decoder) OwnStrings() { d.own, d.text = true, "" }

// Bytes reads a byte slice whose capacity is its length.
func (d *Decoder) Bytes() []byte {
	n, ok := d.count()
	if !ok {
		return nil
	}
	b := d.take(uint64(n))
	if b == nil || d.owned {
		return b[:len(b):len(b)]
	}
	return append(make([]byte, 0, n), b...)
}

// ByteArray fills dst, the bytes of an array.
func (d *Decoder) ByteArray(dst []byte) {
	if len(dst) == 0 {
		d.Empty()
		return
	}
	copy(dst, d.take(uint64(len(dst))))
}

// Empty reads the one byte of a value that has no content.
func (d *Decoder) Empty() {
	if b := d.byte(); b != 0 {
		d.Fail(fmt.Errorf("byte %d where an empty value has 0", b))
	}
}

// Unmarshal hands the next marshaled value to a type's own unmarshaler:
// d.Unmarshal(v.UnmarshalBinary). The bytes may not be kept after it returns.
// Where there is none, since the other side knows of no such value, f is not called.
func (d *Decoder) Unmarshal(f func([]byte) error) {
	n, ok := d.count()
	if !ok {
		return
	}
	b := d.take(uint64(n))
	if err := f(b); err != nil {
		d.Fail(err)
	}
}

// count reads the length of a nillable value; false means nil, or an error.
// Every value takes a byte at least, so that a length beyond the message is a lie.
func (d *Decoder) count() (int, bool) {
	n := d.Uint64()
	if n == 0 {
		return 0, false
	}
	if n--; n > uint64(d.Remaining()) {
		d.Fail(fmt.Errorf("length %d where %d bytes are left", n, d.Remaining()))
		return 0, false
	}
	return int(n), d.err == nil
}
