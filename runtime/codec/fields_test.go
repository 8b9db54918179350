package codec

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fields has one of each that FieldEncoder and FieldDecoder know.
type fields struct {
	Bool       bool
	Int        int
	Int8       int8
	Int16      int16
	Int32      int32
	Int64      int64
	Uint       uint
	Uint8      uint8
	Uint16     uint16
	Uint32     uint32
	Uint64     uint64
	Float32    float32
	Float64    float64
	Complex64  complex64
	Complex128 complex128
	String     string
	Long       string
	Bytes      []byte
	Time       time.Time
}

var full = fields{
	true, -1, math.MinInt8, math.MaxInt16, math.MinInt32, math.MinInt64, 1, math.MaxUint8, math.MaxUint16, math.MaxUint32, math.MaxUint64,
	1.5, -2.5, 1 - 2i, -1 + 2i, "short", strings.Repeat("long", 100), []byte("bytes"), time.Unix(1, 2).In(time.FixedZone("", -3600)),
}

func encodeFields(e *Encoder, list []fields) {
	EncodeStructs(e, list, func(e *Encoder, v *fields) {
		e.Fields().
			Bool(v.Bool).
			Int(v.Int).
			Int8(v.Int8).
			Int16(v.Int16).
			Int32(v.Int32).
			Int64(v.Int64).
			Uint(v.Uint).
			Uint8(v.Uint8).
			Uint16(v.Uint16).
			Uint32(v.Uint32).
			Uint64(v.Uint64).
			Float32(v.Float32).
			Float64(v.Float64).
			Complex64(v.Complex64).
			Complex128(v.Complex128).
			String(v.String).
			String(v.Long).
			Bytes(v.Bytes).
			Time(v.Time).
			End()
	})
}

func decodeFields(d *Decoder) []fields {
	return DecodeStructs(d, func(d *Decoder, v *fields) {
		d.Fields().
			Bool(&v.Bool).
			Int(&v.Int).
			Int8(&v.Int8).
			Int16(&v.Int16).
			Int32(&v.Int32).
			Int64(&v.Int64).
			Uint(&v.Uint).
			Uint8(&v.Uint8).
			Uint16(&v.Uint16).
			Uint32(&v.Uint32).
			Uint64(&v.Uint64).
			Float32(&v.Float32).
			Float64(&v.Float64).
			Complex64(&v.Complex64).
			Complex128(&v.Complex128).
			String(&v.String).
			String(&v.Long).
			Bytes(&v.Bytes).
			Time(&v.Time).
			End()
	})
}

// encodeOneByOne and decodeOneByOne are the same with an Encoder and a Decoder.
func encodeOneByOne(e *Encoder, list []fields) {
	EncodeSlice(e, list, func(e *Encoder, v fields) {
		e.Bool(v.Bool)
		e.Int(v.Int)
		e.Int8(v.Int8)
		e.Int16(v.Int16)
		e.Int32(v.Int32)
		e.Int64(v.Int64)
		e.Uint(v.Uint)
		e.Uint8(v.Uint8)
		e.Uint16(v.Uint16)
		e.Uint32(v.Uint32)
		e.Uint64(v.Uint64)
		e.Float32(v.Float32)
		e.Float64(v.Float64)
		e.Complex64(v.Complex64)
		e.Complex128(v.Complex128)
		e.String(v.String)
		e.String(v.Long)
		e.Bytes(v.Bytes)
		e.Time(v.Time)
	})
}

func decodeOneByOne(d *Decoder) []fields {
	return DecodeSlice(d, func(d *Decoder) (v fields) {
		v.Bool = d.Bool()
		v.Int = d.Int()
		v.Int8 = d.Int8()
		v.Int16 = d.Int16()
		v.Int32 = d.Int32()
		v.Int64 = d.Int64()
		v.Uint = d.Uint()
		v.Uint8 = d.Uint8()
		v.Uint16 = d.Uint16()
		v.Uint32 = d.Uint32()
		v.Uint64 = d.Uint64()
		v.Float32 = d.Float32()
		v.Float64 = d.Float64()
		v.Complex64 = d.Complex64()
		v.Complex128 = d.Complex128()
		v.String = d.String()
		v.Long = d.String()
		v.Bytes = d.Bytes()
		v.Time = d.Time()
		return v
	})
}

// What is written and read field by field is what the Encoder and the Decoder write and read.
func TestFieldsAreTheSame(t *testing.T) {
	var e, o Encoder
	list := []fields{{}, full, full}
	encodeFields(&e, list)
	encodeOneByOne(&o, list)
	require.Equal(t, o.Buffer(), e.Buffer())
}

// A long string between fields is lent, as it is elsewhere.
func TestFieldsLend(t *testing.T) {
	long := strings.Repeat("x", lendFrom)
	var e Encoder
	e.Reset([]byte("before"))
	e.Lend()
	e.Fields().Int(1).String(long).Bytes([]byte(long)).Int(2).End()
	lent := e.Lent()
	require.Len(t, lent, 2)
	require.Equal(t, long, string(lent[0].Bytes))
	require.Equal(t, e.Size(), len(e.Buffer())+2*lendFrom)
}

// FuzzFields reads anything in both ways.
func FuzzFields(f *testing.F) {
	var e Encoder
	encodeFields(&e, []fields{{}, full})
	f.Add(e.Buffer(), false)
	f.Fuzz(func(t *testing.T, msg []byte, owned bool) {
		var d, o Decoder
		d.Reset(msg, owned)
		o.Reset(msg, owned)
		got, want := decodeFields(&d), decodeOneByOne(&o)
		require.Equal(t, o.Err(), d.Err())
		require.Equal(t, o.pos, d.pos)
		if d.Err() != nil {
			return
		}
		var e, again Encoder // NaN is not equal to itself
		encodeOneByOne(&e, want)
		encodeOneByOne(&again, got)
		require.Equal(t, e.Buffer(), again.Buffer())
	})
}
