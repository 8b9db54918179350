package probe

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// filler makes values at random.
type filler struct {
	rng    *rand.Rand
	level  int     // of what is passed by reference
	record *Record // of what that sees
	depth  int     // of the value at hand
	left   int     // how many values it may still have
}

func newFiller(seed uint64, level int, record *Record) *filler {
	return &filler{rng: rand.New(rand.NewPCG(seed, 1)), level: level, record: record}
}

// fill sets v, which can be set, to a value of its type.
func (f *filler) fill(v reflect.Value) {
	f.left = 40
	f.value(v)
}

func (f *filler) value(v reflect.Value) {
	f.depth++
	f.left--
	defer func() { f.depth-- }()
	if f.special(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.rng.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.bits(v.Type().Bits())))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(f.bits(v.Type().Bits()) & (math.MaxUint64 >> (64 - v.Type().Bits())))
	case reflect.Float32:
		*(*float32)(v.Addr().UnsafePointer()) = f.float32()
	case reflect.Float64:
		v.SetFloat(f.float64())
	case reflect.Complex64:
		*(*complex64)(v.Addr().UnsafePointer()) = complex(f.float32(), f.float32())
	case reflect.Complex128:
		v.SetComplex(complex(f.float64(), f.float64()))
	case reflect.String:
		v.SetString(f.text())
	case reflect.Struct:
		for _, field := range fields(v) {
			f.value(field)
		}
	case reflect.Array:
		for i := range v.Len() {
			f.value(v.Index(i))
		}
	default:
		f.nilable(v)
	}
}

// fields lists the fields of a struct that travel. It can be set, and so can they.
func fields(v reflect.Value) []reflect.Value {
	var list []reflect.Value
	for i := range v.NumField() {
		t := v.Type().Field(i)
		if t.Name != "_" && t.Tag.Get("pingo") != "-" {
			list = append(list, reflect.NewAt(t.Type, v.Field(i).Addr().UnsafePointer()).Elem())
		}
	}
	return list
}

// nilable fills what can be nil, and is so at the end of its tether.
func (f *filler) nilable(v reflect.Value) {
	v.SetZero()
	if f.left <= 0 || f.depth > 12 || f.rng.IntN(6) == 0 {
		return
	}
	t := v.Type()
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, f.length(), 8))
		for i := range v.Len() {
			f.value(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		for range f.length() {
			key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			f.value(key)
			f.value(elem)
			v.SetMapIndex(key, elem)
		}
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()).Convert(t))
		f.value(v.Elem())
	default:
		if f.level < maxLevel {
			f.reference(v)
		}
	}
}

// length is that of a slice or a map: often empty.
func (f *filler) length() int { return max(0, f.rng.IntN(6)-1) }

// bits is an integer of a size, often one at the edge.
func (f *filler) bits(size int) uint64 {
	switch f.rng.IntN(6) {
	case 0:
		return 0
	case 1:
		return math.MaxUint64
	case 2:
		return 1 << (size - 1)
	case 3:
		return 1<<(size-1) - 1
	case 4:
		return f.rng.Uint64N(200)
	}
	return f.rng.Uint64()
}

func (f *filler) float64() float64 {
	switch f.rng.IntN(6) {
	case 0:
		return math.Copysign(0, -1)
	case 1:
		return math.Inf(1 - 2*f.rng.IntN(2))
	case 2:
		return math.Float64frombits(0x7ff<<52 | 1 | f.rng.Uint64()>>12) // some NaN
	case 3:
		return math.SmallestNonzeroFloat64
	}
	return f.rng.NormFloat64()
}

func (f *filler) float32() float32 {
	if f.rng.IntN(4) == 0 {
		return math.Float32frombits(0x7f800001 | f.rng.Uint32()>>9)
	}
	return float32(f.float64())
}

func (f *filler) text() string {
	switch f.rng.IntN(12) {
	case 0:
		return ""
	case 1:
		return "\xff\x00 not UTF-8 \xc3"
	case 2:
		return "Größe 日本"
	case 3:
		if f.rng.IntN(4) == 0 {
			return strings.Repeat("long ", 1000+f.rng.IntN(40_000))
		}
	}
	return fmt.Sprintf("%x", f.rng.Uint64N(1<<20))
}

// special fills types that cannot have just any bits.
func (f *filler) special(v reflect.Value) bool {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = f.time()
	case *netip.Addr:
		*p = netip.AddrFrom4([4]byte{10, byte(f.rng.IntN(256))})
	case *big.Int:
		p.SetUint64(f.rng.Uint64()).Mul(p, big.NewInt(-1<<40))
	case *error:
		*p = f.error()
	case *any:
		*p = f.any()
	case *context.Context:
		*p = context.Background()
	default:
		return false
	}
	return true
}

// anything are the types that an any may hold as they are.
var anything = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int8](), reflect.TypeFor[int](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](), reflect.TypeFor[complex128](),
	reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any](),
}

func (f *filler) any() any {
	if f.left <= 0 || f.depth > 8 {
		return nil
	}
	v := reflect.New(anything[f.rng.IntN(len(anything))]).Elem()
	f.value(v)
	return v.Interface()
}

func (f *filler) time() time.Time {
	at := time.Unix(f.rng.Int64N(1<<34)-1<<33, f.rng.Int64N(1e9))
	switch f.rng.IntN(4) {
	case 0:
		return time.Time{}
	case 1:
		return at.UTC()
	case 2:
		return at.In(time.FixedZone("somewhere", (f.rng.IntN(24*60)-12*60)*60))
	}
	return at
}
