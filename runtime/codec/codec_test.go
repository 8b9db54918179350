package codec

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// value is one value with the two functions that carry it.
type value struct {
	name   string
	encode func(*Encoder)
	decode func(*Decoder) any
	want   any
}

func of[T any](name string, encode func(*Encoder, T), decode func(*Decoder) T, values ...T) []value {
	var all []value
	for _, v := range values {
		all = append(all, value{name, func(e *Encoder) { encode(e, v) }, func(d *Decoder) any { return decode(d) }, v})
	}
	return all
}

func sliceOf[T any](encode func(*Encoder, T), decode func(*Decoder) T) (func(*Encoder, []T), func(*Decoder) []T) {
	return func(e *Encoder, v []T) { EncodeSlice(e, v, encode) }, func(d *Decoder) []T { return DecodeSlice(d, decode) }
}

func values() []value {
	var all []value
	add := func(vs []value) { all = append(all, vs...) }
	add(of("bool", (*Encoder).Bool, (*Decoder).Bool, true, false))
	add(of("int", (*Encoder).Int, (*Decoder).Int, 0, -1, math.MaxInt, math.MinInt))
	add(of("int8", (*Encoder).Int8, (*Decoder).Int8, 0, -1, math.MaxInt8, math.MinInt8))
	add(of("int16", (*Encoder).Int16, (*Decoder).Int16, 0, math.MaxInt16, math.MinInt16))
	add(of("int32", (*Encoder).Int32, (*Decoder).Int32, 0, math.MaxInt32, math.MinInt32))
	add(of("int64", (*Encoder).Int64, (*Decoder).Int64, 0, 63, 64, -64, -65, math.MaxInt64, math.MinInt64))
	add(of("uint", (*Encoder).Uint, (*Decoder).Uint, 0, math.MaxUint))
	add(of("uint8", (*Encoder).Uint8, (*Decoder).Uint8, 0, 127, 128, math.MaxUint8))
	add(of("uint16", (*Encoder).Uint16, (*Decoder).Uint16, 0, math.MaxUint16))
	add(of("uint32", (*Encoder).Uint32, (*Decoder).Uint32, 0, math.MaxUint32))
	add(of("uint64", (*Encoder).Uint64, (*Decoder).Uint64, 0, 1<<63, math.MaxUint64))
	add(of("float32", (*Encoder).Float32, (*Decoder).Float32, 0, -1.5, math.MaxFloat32, float32(math.Inf(-1))))
	add(of("float64", (*Encoder).Float64, (*Decoder).Float64, 0, math.Copysign(0, -1), math.MaxFloat64, math.Inf(1)))
	add(of("complex64", (*Encoder).Complex64, (*Decoder).Complex64, 1-2i))
	add(of("complex128", (*Encoder).Complex128, (*Decoder).Complex128, -1+2i))
	add(of("string", (*Encoder).String, (*Decoder).String, "", "a", "日本", strings.Repeat("x", 5000)))
	add(of("bytes", (*Encoder).Bytes, (*Decoder).Bytes, nil, []byte{}, []byte("abc")))
	add(of("time", (*Encoder).Time, (*Decoder).Time, time.Time{}, time.Unix(1, 2).UTC(), time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)))
	encodeStrings, decodeStrings := sliceOf((*Encoder).String, (*Decoder).String)
	add(of("slice", encodeStrings, decodeStrings, nil, []string{}, []string{"", "a"}))
	encodeNested, decodeNested := sliceOf(encodeStrings, decodeStrings)
	add(of("nested slice", encodeNested, decodeNested, [][]string{nil, {}, {"a"}}))
	add(of("map", func(e *Encoder, m map[string]int) { EncodeMap(e, m, (*Encoder).String, (*Encoder).Int) },
		func(d *Decoder) map[string]int { return DecodeMap(d, (*Decoder).String, (*Decoder).Int) },
		nil, map[string]int{}, map[string]int{"a": 1, "b": -2}))
	one := 1
	add(of("pointer", func(e *Encoder, p *int) { EncodePointer(e, p, (*Encoder).Int) },
		func(d *Decoder) *int { return DecodePointer(d, (*Decoder).Int) }, nil, &one))
	add(of("array", func(e *Encoder, a [3]int) { EncodeArray(e, a[:], (*Encoder).Int) },
		func(d *Decoder) (a [3]int) { DecodeArray(d, a[:], (*Decoder).Int); return a }, [3]int{1, 2, 3}))
	add(of("empty array", func(e *Encoder, a [0]int) { EncodeArray(e, a[:], (*Encoder).Int) },
		func(d *Decoder) (a [0]int) { DecodeArray(d, a[:], (*Decoder).Int); return a }, [0]int{}))
	add(of("byte array", func(e *Encoder, a [4]byte) { e.ByteArray(a[:]) },
		func(d *Decoder) (a [4]byte) { d.ByteArray(a[:]); return a }, [4]byte{1, 2, 3, 4}))
	add(of("empty byte array", func(e *Encoder, a [0]byte) { e.ByteArray(a[:]) },
		func(d *Decoder) (a [0]byte) { d.ByteArray(a[:]); return a }, [0]byte{}))
	add(of("marshaler", func(e *Encoder, v *big.Int) { e.Marshaled(v.GobEncode()) },
		func(d *Decoder) *big.Int { v := new(big.Int); d.Unmarshal(v.GobDecode); return v }, big.NewInt(-12345)))
	add(of("fields", encodeFields, decodeFields, []fields{}, []fields{{}, full}))
	add(of("struct{}", func(e *Encoder, _ struct{}) { e.Empty() }, func(d *Decoder) struct{} { d.Empty(); return struct{}{} }, struct{}{}))
	return all
}

func TestRoundTrip(t *testing.T) {
	for _, v := range values() {
		for _, owned := range []bool{false, true} {
			var e Encoder
			e.Reset([]byte("before"))
			v.encode(&e)
			require.NoError(t, e.Err())
			msg := e.Buffer()[len("before"):]
			require.NotEmpty(t, msg, "%s: every value takes a byte", v.name)
			var d Decoder
			d.Reset(msg, owned)
			require.Equal(t, v.want, v.decode(&d), v.name)
			require.NoError(t, d.Err(), v.name)
			require.Zero(t, d.Remaining(), v.name)
		}
	}
}

// A message that ends anywhere before its end is an error, whatever it holds.
func TestTruncated(t *testing.T) {
	for _, v := range values() {
		var e Encoder
		v.encode(&e)
		for n := range e.Buffer() {
			var d Decoder
			d.Reset(e.Buffer()[:n:n], false)
			v.decode(&d)
			require.Error(t, d.Err(), "%s cut at %d of %d", v.name, n, len(e.Buffer()))
		}
	}
}

// What is absent leaves the zero value: its unmarshaler does not run.
func TestAbsentMarshaled(t *testing.T) {
	var d Decoder
	d.Reset([]byte{0}, false)
	d.Unmarshal(func([]byte) error { panic("called") })
	require.NoError(t, d.Err())
	require.Zero(t, d.Remaining())

	var e Encoder
	e.Marshaled(nil, nil)
	d.Reset(e.Buffer(), false)
	called := false
	d.Unmarshal(func(b []byte) error { called = len(b) == 0; return nil })
	require.NoError(t, d.Err())
	require.True(t, called, "no bytes are not absent")
}

func TestNaN(t *testing.T) {
	var e Encoder
	e.Float64(math.NaN())
	e.Float32(float32(math.NaN()))
	var d Decoder
	d.Reset(e.Buffer(), false)
	require.True(t, math.IsNaN(d.Float64()))
	require.True(t, math.IsNaN(float64(d.Float32())))
}

func TestOutOfRange(t *testing.T) {
	var e Encoder
	e.Int64(math.MinInt64)
	signed := e.Buffer()
	e = Encoder{}
	e.Uint64(math.MaxUint64)
	unsigned := e.Buffer()
	for want, c := range map[string]struct {
		msg    []byte
		decode func(*Decoder)
	}{
		"does not fit int8":    {signed, func(d *Decoder) { d.Int8() }},
		"does not fit int16":   {signed, func(d *Decoder) { d.Int16() }},
		"does not fit int32":   {signed, func(d *Decoder) { d.Int32() }},
		"does not fit uint8":   {unsigned, func(d *Decoder) { d.Uint8() }},
		"does not fit uint16":  {unsigned, func(d *Decoder) { d.Uint16() }},
		"does not fit uint32":  {unsigned, func(d *Decoder) { d.Uint32() }},
		"is not a bool":        {unsigned, func(d *Decoder) { d.Bool() }},
		"empty value":          {unsigned, func(d *Decoder) { d.Empty() }},
		"malformed varint":     {[]byte(strings.Repeat("\xff", 11)), func(d *Decoder) { d.Uint64() }},
		"nanoseconds":          {append([]byte{0}, unsigned...), func(d *Decoder) { d.Time() }},
		"time zone":            {append([]byte{0, 0}, signed...), func(d *Decoder) { d.Time() }},
		"unknown kind of erro": {[]byte{77}, func(d *Decoder) { _ = d.Error() }},
	} {
		var d Decoder
		d.Reset(append(c.msg[:len(c.msg):len(c.msg)], make([]byte, 20)...), false)
		c.decode(&d)
		require.ErrorContains(t, d.Err(), want)
		require.Zero(t, d.Uint64(), "after an error everything is zero")
		require.Empty(t, d.String())
	}
}

func TestMessageWithBytesLeft(t *testing.T) {
	var d Decoder
	d.Reset([]byte{1}, false)
	require.ErrorContains(t, d.Message(&Nothing{}), "at byte 0 of 1: bytes are left over")
}

// Times come back as time.Time.MarshalBinary would have them.
func TestTimeIsLikeMarshalBinary(t *testing.T) {
	for _, zone := range []*time.Location{time.UTC, time.Local, time.FixedZone("x", 3600), time.FixedZone("", -3600), time.FixedZone("s", 30)} {
		for _, sec := range []int64{0, -62135596800, 1 << 33, -(1 << 40), 1764000000} {
			in := time.Unix(sec, 999999999).In(zone)
			b, err := in.MarshalBinary()
			require.NoError(t, err)
			var want time.Time
			require.NoError(t, want.UnmarshalBinary(b))
			var e Encoder
			e.Time(in)
			var d Decoder
			d.Reset(e.Buffer(), false)
			got := d.Time()
			require.NoError(t, d.Err())
			require.Equal(t, want, got, "%v", in)
		}
	}
	var e Encoder
	west := time.Unix(0, 0).In(time.FixedZone("", -1)) // MarshalBinary gets seconds west wrong
	e.Time(west)
	e.Time(time.Now())
	var d Decoder
	d.Reset(e.Buffer(), false)
	require.Equal(t, west, d.Time())
	require.NotContains(t, d.Time().String(), "m=", "the monotonic reading stays at home")
}

// A length is believed only as far as bytes back it.
func TestHostileLengths(t *testing.T) {
	type big [1 << 16]byte
	decoders := map[string]func(*Decoder){
		"string": func(d *Decoder) { _ = d.String() },
		"bytes":  func(d *Decoder) { d.Bytes() },
		"slice":  func(d *Decoder) { DecodeSlice(d, func(d *Decoder) big { d.Empty(); return big{} }) },
		"map":    func(d *Decoder) { DecodeMap(d, (*Decoder).String, func(d *Decoder) big { d.Empty(); return big{} }) },
		"errors": func(d *Decoder) { _ = d.Error() },
		"any":    func(d *Decoder) { d.Unmarshal(func([]byte) error { return nil }) },
	}
	for name, decode := range decoders {
		for _, n := range []uint64{1000, 1 << 31, 1 << 62, math.MaxUint64} {
			var e Encoder
			if name == "errors" {
				e.Uint8(errorJoining)
				e.String("t")
				e.String("m")
			}
			e.Uint64(n)
			msg := append(e.Buffer(), 0, 1, 0)
			got := testing.AllocsPerRun(1, func() {
				var d Decoder
				d.Reset(msg, false)
				decode(&d)
				require.Error(t, d.Err(), name)
			})
			require.Less(t, got, 100.0, name)
		}
	}
}

// What is allocated before an element is seen is at most 64 KiB and one element,
// or eight times the message.
func TestRoom(t *testing.T) {
	var d Decoder
	d.Reset(make([]byte, 1000), false)
	require.Equal(t, 65, d.room(1<<20, 1024))
	require.Equal(t, 10, d.room(10, 1024))
	require.Equal(t, 1<<20, d.room(1<<20, 0))
	d.Reset(make([]byte, 1<<20), false)
	require.Equal(t, 1<<20, d.room(1<<20, 8))
	require.Equal(t, 8<<10+1, d.room(1<<20, 1024))
}

type node struct{ next *node }

func encodeNode(e *Encoder, v node) {
	if e.Enter() {
		EncodePointer(e, v.next, encodeNode)
		e.Leave()
	}
}

func decodeNode(d *Decoder) (v node) {
	if d.Enter() {
		v.next = DecodePointer(d, decodeNode)
		d.Leave()
	}
	return v
}

func TestDepth(t *testing.T) {
	ring := &node{}
	ring.next = ring
	var e Encoder
	encodeNode(&e, *ring)
	require.ErrorContains(t, e.Err(), "a cycle in the data cannot be sent")

	var list node
	for range maxDepth - 1 {
		list = node{&node{list.next}}
	}
	e = Encoder{}
	encodeNode(&e, list)
	require.NoError(t, e.Err())
	var d Decoder
	d.Reset(e.Buffer(), false)
	require.Equal(t, list, decodeNode(&d))
	require.NoError(t, d.Err())

	d.Reset([]byte(strings.Repeat("\x01", 1<<20)), false)
	decodeNode(&d)
	require.ErrorContains(t, d.Err(), "nested deeper than 1000 levels")
}

// The strings of a small message share one copy, those of a large one do not,
// and those of an owned one are the message.
func TestStringsShareACopy(t *testing.T) {
	var e Encoder
	for range 10 {
		e.String("0123456789")
	}
	small := e.Buffer()
	var sink string
	count := func(msg []byte, owned bool) float64 {
		return testing.AllocsPerRun(100, func() {
			var d Decoder
			d.Reset(msg, owned)
			for range 10 {
				sink = d.String()
			}
		})
	}
	require.Equal(t, 1.0, count(small, false))
	require.Equal(t, 2.0, count(append(small, make([]byte, smallMessage)...), false))
	require.Equal(t, 0.0, count(small, true))
	for _, owned := range []bool{true, false} {
		require.Equal(t, 10.0, testing.AllocsPerRun(100, func() {
			var d Decoder
			d.Reset(small, owned)
			d.OwnStrings()
			for range 10 {
				sink = d.String()
			}
		}))
	}
	var d Decoder // from now on means from the next string on, whatever was shared before
	d.Reset(small, false)
	before := d.String() + d.String()
	text := unsafe.StringData(d.text)
	d.OwnStrings()
	sink = d.String()
	require.NotEqual(t, unsafe.Add(unsafe.Pointer(text), d.pos-len(sink)-d.textAt), unsafe.Pointer(unsafe.StringData(sink)), before)
}

func TestBytesDoNotReachBeyondThemselves(t *testing.T) {
	var e Encoder
	e.Bytes([]byte("ab"))
	e.Bytes([]byte("cd"))
	for _, owned := range []bool{true, false} {
		var d Decoder
		d.Reset(append([]byte(nil), e.Buffer()...), owned)
		first := d.Bytes()
		require.Equal(t, len(first), cap(first))
		_ = append(first, "zzz"...)
		require.Equal(t, "cd", string(d.Bytes()))
	}
}

func TestContractRoundTrip(t *testing.T) {
	in := Contract{"Greeter", "example.com/g", []Method{{Name: "SayHello", Signature: "(name string) (string)", Fingerprint: 1 << 63}}, []Type{{"Item", "struct{A int}"}}}
	var e Encoder
	e.Message(&in)
	var out Contract
	var d Decoder
	d.Reset(e.Buffer(), false)
	require.NoError(t, d.Message(&out))
	require.Equal(t, in, out)
}
