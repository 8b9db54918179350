package codec

import (
	"encoding/binary"
	"math"
	"time"
)

// The fields of a struct are small and many. Where the next one goes, or stands, is passed on
// from one method to the next here: it is then in a register, and not loaded
// from an Encoder or Decoder and stored there again for each field.

// FieldEncoder writes values as the methods of an Encoder do, which is not used in
// between: e.Fields().String(v.Key).Int64(v.ID).End().
type FieldEncoder struct {
	buf []byte
	e   *Encoder
}

// Fields begins what End ends.
func (e *Encoder) Fields() FieldEncoder { return FieldEncoder{e.buf, e} }

// End has the Encoder go on behind what was written.
func (f FieldEncoder) End() { f.e.grown(f.buf) }

// Bool is Encoder.Bool, as all that follow are the methods of their names.
func (f FieldEncoder) Bool(v bool) FieldEncoder {
	var b byte
	if v {
		b = 1
	}
	f.buf = append(f.buf, b)
	return f
}

func (f FieldEncoder) Int(v int) FieldEncoder     { return f.Int64(int64(v)) }
func (f FieldEncoder) Int8(v int8) FieldEncoder   { return f.Int64(int64(v)) }
func (f FieldEncoder) Int16(v int16) FieldEncoder { return f.Int64(int64(v)) }
func (f FieldEncoder) Int32(v int32) FieldEncoder { return f.Int64(int64(v)) }

func (f FieldEncoder) Int64(v int64) FieldEncoder {
	f.buf = binary.AppendVarint(f.buf, v)
	return f
}

func (f FieldEncoder) Uint(v uint) FieldEncoder     { return f.Uint64(uint64(v)) }
func (f FieldEncoder) Uint8(v uint8) FieldEncoder   { return f.Uint64(uint64(v)) }
func (f FieldEncoder) Uint16(v uint16) FieldEncoder { return f.Uint64(uint64(v)) }
func (f FieldEncoder) Uint32(v uint32) FieldEncoder { return f.Uint64(uint64(v)) }

func (f FieldEncoder) Uint64(v uint64) FieldEncoder {
	f.buf = binary.AppendUvarint(f.buf, v)
	return f
}

func (f FieldEncoder) Float32(v float32) FieldEncoder {
	f.buf = binary.LittleEndian.AppendUint32(f.buf, math.Float32bits(v))
	return f
}

func (f FieldEncoder) Float64(v float64) FieldEncoder {
	f.buf = binary.LittleEndian.AppendUint64(f.buf, math.Float64bits(v))
	return f
}

func (f FieldEncoder) Complex64(v complex64) FieldEncoder {
	return f.Float32(real(v)).Float32(imag(v))
}

func (f FieldEncoder) Complex128(v complex128) FieldEncoder {
	return f.Float64(real(v)).Float64(imag(v))
}

func (f FieldEncoder) String(v string) FieldEncoder {
	if len(v) < 0x80 { // most
		f.buf = append(append(f.buf, byte(len(v))), v...)
		return f
	}
	return f.longString(v)
}

func (f FieldEncoder) longString(v string) FieldEncoder {
	f.End()
	f.e.String(v)
	return f.e.Fields()
}

func (f FieldEncoder) Bytes(v []byte) FieldEncoder {
	f.End()
	f.e.Bytes(v)
	return f.e.Fields()
}

func (f FieldEncoder) Time(v time.Time) FieldEncoder {
	f = f.Int64(v.Unix()).Uint64(uint64(v.Nanosecond()))
	if v.Location() == time.UTC {
		return f.Int64(zoneUTC)
	}
	_, offset := v.Zone()
	if offset >= 0 {
		offset++
	}
	return f.Int(offset)
}

// FieldDecoder reads values as the methods of a Decoder do, which is not used in
// between: d.Fields().String(&v.Key).Int64(&v.ID).End().
type FieldDecoder struct {
	d   *Decoder
	pos int
}

// Fields begins what End ends.
func (d *Decoder) Fields() FieldDecoder { return FieldDecoder{d, d.pos} }

// End has the Decoder go on behind what was read.
func (f FieldDecoder) End() { f.d.pos = f.pos }

// Bool is Decoder.Bool, as all that follow are the methods of their names.
func (f FieldDecoder) Bool(v *bool) FieldDecoder {
	f.End()
	*v = f.d.Bool()
	return f.d.Fields()
}

func (f FieldDecoder) Int(v *int) FieldDecoder {
	i, pos := f.d.signedAt(f.pos, strconvIntSize)
	*v = int(i)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Int8(v *int8) FieldDecoder {
	i, pos := f.d.signedAt(f.pos, 8)
	*v = int8(i)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Int16(v *int16) FieldDecoder {
	i, pos := f.d.signedAt(f.pos, 16)
	*v = int16(i)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Int32(v *int32) FieldDecoder {
	i, pos := f.d.signedAt(f.pos, 32)
	*v = int32(i)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Int64(v *int64) FieldDecoder {
	u, pos := f.d.uvarintAt(f.pos)
	*v = zigzag(u)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Uint(v *uint) FieldDecoder {
	u, pos := f.d.unsignedAt(f.pos, strconvIntSize)
	*v = uint(u)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Uint8(v *uint8) FieldDecoder {
	u, pos := f.d.unsignedAt(f.pos, 8)
	*v = uint8(u)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Uint16(v *uint16) FieldDecoder {
	u, pos := f.d.unsignedAt(f.pos, 16)
	*v = uint16(u)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Uint32(v *uint32) FieldDecoder {
	u, pos := f.d.unsignedAt(f.pos, 32)
	*v = uint32(u)
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Uint64(v *uint64) FieldDecoder {
	u, pos := f.d.uvarintAt(f.pos)
	*v = u
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Float32(v *float32) FieldDecoder {
	b, pos := f.d.takeAt(f.pos, 4)
	if b != nil {
		*v = math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Float64(v *float64) FieldDecoder {
	b, pos := f.d.takeAt(f.pos, 8)
	if b != nil {
		*v = math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Complex64(v *complex64) FieldDecoder {
	f.End()
	*v = f.d.Complex64()
	return f.d.Fields()
}

func (f FieldDecoder) Complex128(v *complex128) FieldDecoder {
	f.End()
	*v = f.d.Complex128()
	return f.d.Fields()
}

func (f FieldDecoder) String(v *string) FieldDecoder {
	s, pos := f.d.stringAt(f.pos)
	*v = s
	return FieldDecoder{f.d, pos}
}

func (f FieldDecoder) Bytes(v *[]byte) FieldDecoder {
	f.End()
	*v = f.d.Bytes()
	return f.d.Fields()
}

func (f FieldDecoder) Time(v *time.Time) FieldDecoder {
	t, pos := f.d.timeAt(f.pos)
	*v = t
	return FieldDecoder{f.d, pos}
}
