package codec

import (
	"fmt"
	"unsafe"
)

// EncodeSlice writes 0 for nil, else the length plus one and the elements.
func EncodeSlice[E any](e *Encoder, s []E, elem func(*Encoder, E)) {
	if !e.fits(len(s)) {
		return
	}
	e.count(len(s), s == nil)
	for i := range s {
		elem(e, s[i])
	}
}

// fits tells whether a message has room for n elements, of which each takes a byte
// at least. Of a type without a size, a slice can have more than can ever be written.
func (e *Encoder) fits(n int) bool {
	if n < maxPlainElements || e.peer == nil || n <= e.peer.MaxMessage() {
		return true
	}
	e.Fail(&LimitError{Limit: "MaxMessage", Value: int64(e.peer.MaxMessage()), Detail: fmt.Sprintf("slice of %d elements, which take a byte each at least", n)})
	return false
}

// maxPlainElements is how many elements are written without a thought.
const maxPlainElements = 64 << 10

// DecodeSlice reads what EncodeSlice wrote.
func DecodeSlice[E any](d *Decoder, elem func(*Decoder) E) []E {
	n, ok := d.count()
	if !ok {
		return nil
	}
	s := make([]E, min(n, d.room(n, unsafe.Sizeof(*new(E)))))
	for i := range s {
		s[i] = elem(d)
		if d.err != nil {
			return s[:i+1]
		}
	}
	for n -= len(s); n > 0 && d.err == nil; n-- {
		s = append(s, elem(d))
	}
	return s
}

// EncodeStructs is EncodeSlice for structs: elem gets a pointer, since copying takes
// longer than many a field.
func EncodeStructs[E any](e *Encoder, s []E, elem func(*Encoder, *E)) {
	if !e.fits(len(s)) {
		return
	}
	e.count(len(s), s == nil)
	for i := range s {
		elem(e, &s[i])
	}
}

// DecodeStructs reads what EncodeStructs wrote: elem fills each where it stays.
func DecodeStructs[E any](d *Decoder, elem func(*Decoder, *E)) []E {
	n, ok := d.count()
	if !ok {
		return nil
	}
	s := make([]E, min(n, d.room(n, unsafe.Sizeof(*new(E)))))
	for i := range s {
		elem(d, &s[i])
		if d.err != nil {
			return s[:i+1]
		}
	}
	for n -= len(s); n > 0 && d.err == nil; n-- {
		s = append(s, *new(E))
		elem(d, &s[len(s)-1])
	}
	return s
}

// room bounds what is allocated before the elements are seen: eight bytes for
// each byte that is left, or 64 KiB if that is more. What is beyond grows with
// the elements that really are there.
func (d *Decoder) room(n int, size uintptr) int {
	if size == 0 {
		return n
	}
	return min(n, max(8*d.Remaining(), 64<<10)/int(size)+1)
}

// EncodeArray writes the elements of an array, a[:], without a length.
func EncodeArray[E any](e *Encoder, s []E, elem func(*Encoder, E)) {
	if len(s) == 0 {
		e.Empty()
	}
	for i := range s {
		elem(e, s[i])
	}
}

// DecodeArray fills dst, the elements of an array.
func DecodeArray[E any](d *Decoder, dst []E, elem func(*Decoder) E) {
	if len(dst) == 0 {
		d.Empty()
	}
	for i := range dst {
		if d.err != nil {
			return
		}
		dst[i] = elem(d)
	}
}

// EncodeMap writes 0 for nil, else the length plus one and the entries, in no order.
func EncodeMap[K comparable, V any](e *Encoder, m map[K]V, key func(*Encoder, K), val func(*Encoder, V)) {
	e.count(len(m), m == nil)
	for k, v := range m {
		key(e, k)
		val(e, v)
	}
}

// DecodeMap reads what EncodeMap wrote.
func DecodeMap[K comparable, V any](d *Decoder, key func(*Decoder) K, val func(*Decoder) V) map[K]V {
	n, ok := d.count()
	if !ok {
		return nil
	}
	m := make(map[K]V, d.room(n, 8+unsafe.Sizeof(*new(K))+unsafe.Sizeof(*new(V))))
	for ; n > 0 && d.err == nil; n-- {
		k := key(d)
		v := val(d)
		if d.err == nil {
			m[k] = v
		}
	}
	return m
}

// EncodePointer writes 0 for nil, else 1 and what p points to.
func EncodePointer[T any](e *Encoder, p *T, elem func(*Encoder, T)) {
	e.Bool(p != nil)
	if p != nil {
		elem(e, *p)
	}
}

// DecodePointer reads what EncodePointer wrote.
func DecodePointer[T any](d *Decoder, elem func(*Decoder) T) *T {
	if !d.Bool() {
		return nil
	}
	v := elem(d)
	return &v
}
