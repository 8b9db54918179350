package service

import (
	"fmt"
	"reflect"
)

// What a gob stream may ask of the side that decodes it. Package gob bounds neither the
// depth of values nor the sizes of maps, and is killed by what it cannot bear.
const (
	maxGobDepth  = 10_000  // of values in values, which take some 8 MiB of stack then
	maxGobTypes  = 10_000  // with their fields; gob compiles as deep as they refer to each other, which takes some 32 MiB
	maxGobMemory = 1 << 30 // or gobFactor times the stream, if that is more
	gobFactor    = 16
)

// checkGob tells why package gob is not to decode the first value of stream into a receiver.
// It goes the same way through the stream as a Decoder does, without making anything of
// it.
func checkGob(stream []byte, receiver reflect.Type) error {
	w := newGobWalk(stream)
	w.walk(receiver)
	return w.err
}

// gobWalk is on its way through a gob stream. Its methods read what they are named after,
// in the words of gob's own documentation, and do nothing once err is set.
//
// Where a value goes decides how gob reads the interface values in it. So each comes with the type
// that it is decoded into, which is nil for one that is left out because its receiver has no such field.
type gobWalk struct {
	stream []byte // the messages to come
	b      []byte // what is left of this one
	types  map[int32]*wireType
	parts  int // types, and their fields
	depth  int
	memory uint64 // that gob will allocate, roughly
	limit  uint64
	asked  registry
	err    error
}

func newGobWalk(stream []byte) *gobWalk {
	return &gobWalk{
		stream: stream,
		types:  map[int32]*wireType{},
		limit:  max(maxGobMemory, gobFactor*uint64(len(stream))),
	}
}

// walk goes to the end of the first value, which is for receiver.
func (w *gobWalk) walk(receiver reflect.Type) {
	if id := w.typeSequence(false); w.err == nil {
		w.root(id, receiver)
	}
}

// The ids of types that need no definition, and the least of those that do.
const (
	gobBool = iota + 1
	gobInt
	gobUint
	gobFloat
	gobBytes
	gobString
	gobComplex
	gobInterface
	gobFirstUser = 64
)

// The kinds of other types: the numbers of the fields of a definition.
const (
	gobArray = iota
	gobSlice
	gobStruct
	gobMap
	gobOwn     // GobEncoder
	_          // BinaryMarshaler
	gobOwnLast // TextMarshaler
)

// wireType is a type that the other side has defined.
type wireType struct {
	kind      int
	key, elem int32
	len       uint64
	fields    []wireField

	local reflect.Type   // a struct that values were decoded into
	into  []reflect.Type // and which of its fields each field goes to
}

type wireField struct {
	name string
	id   int32
}

func (w *gobWalk) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("gob: "+format, args...)
	}
	w.b, w.stream = nil, nil
}

// typeSequence reads definitions until the id of a value's type. Within an interface value
// the encoder goes on in another message after each, or in another part of the same.
func (w *gobWalk) typeSequence(within bool) int32 {
	for w.err == nil {
		if len(w.b) == 0 {
			n := w.uintOf(&w.stream)
			w.b, w.stream = w.cut(w.stream, n)
		}
		id := int32(w.int())
		if id >= 0 {
			return id
		}
		w.define(-id)
		switch {
		case len(w.b) == 0:
		case within:
			w.uint()
		default:
			w.fail("there is more than a definition in the message of a type")
		}
	}
	return 0
}

// define reads the definition of a type.
func (w *gobWalk) define(id int32) {
	text := w.b
	t := &wireType{kind: -1}
	w.fields(func(kind int) {
		if t.kind >= 0 || kind > gobOwnLast {
			w.fail("a type has to be of one kind")
		}
		t.kind = kind
		w.fields(func(n int) { w.defineAs(t, n) })
	})
	if w.parts++; w.parts > maxGobTypes {
		w.fail("the message has more than %d types and fields", maxGobTypes)
	}
	if id < gobFirstUser || w.types[id] != nil {
		w.fail("type %d is defined twice", id)
	}
	if w.err == nil {
		w.types[id] = t
		w.asked.define(id, text[:len(text)-len(w.b)])
	}
}

// defineAs reads field n of the definition of a type of its kind: of arrayType,
// structType and so on.
func (w *gobWalk) defineAs(t *wireType, n int) {
	switch {
	case n == 0: // CommonType
		w.fields(func(n int) {
			if n == 0 {
				w.bytes()
			} else {
				w.int()
			}
		})
	case t.kind == gobStruct && n == 1:
		for i, n := 0, w.count(); i < n && w.err == nil; i++ {
			t.fields = append(t.fields, w.defineField())
		}
	case t.kind == gobMap && n == 1:
		t.key = w.id()
	case t.kind == gobMap && n == 2, t.kind <= gobSlice && n == 1:
		t.elem = w.id()
	case t.kind == gobArray && n == 2:
		t.len = uint64(w.int())
	default:
		w.fail("a definition has a field %d", n)
	}
}

func (w *gobWalk) defineField() (f wireField) {
	w.fields(func(n int) {
		if n == 0 {
			f.name = string(w.bytes())
		} else {
			f.id = w.id()
		}
	})
	if w.parts++; w.parts > maxGobTypes {
		w.fail("the message has more than %d types and fields", maxGobTypes)
	}
	return f
}

// root reads a value that is not within another, except for an interface.
func (w *gobWalk) root(id int32, t reflect.Type) {
	if wire := w.types[id]; (wire == nil || wire.kind != gobStruct) && w.uint() != 0 {
		w.fail("a value that is no struct does not begin with 0")
	}
	w.value(id, t)
}

// value reads a value.
func (w *gobWalk) value(id int32, t reflect.Type) {
	if w.depth++; w.depth > maxGobDepth {
		w.fail("the value is nested deeper than %d levels", maxGobDepth)
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
		w.allocate(1, t)
	}
	switch id {
	case gobBool, gobInt, gobUint, gobFloat:
		w.uint()
	case gobBytes, gobString:
		w.memory += uint64(len(w.bytes()))
	case gobComplex:
		w.uint()
		w.uint()
	case gobInterface:
		w.interfaceValue(t)
	default:
		w.defined(w.types[id], t)
	}
	w.depth--
}

// defined reads a value of a type that was defined.
func (w *gobWalk) defined(wire *wireType, t reflect.Type) {
	switch {
	case w.err != nil:
	case wire == nil:
		w.fail("a value has a type that was not defined")
	case wire.kind == gobStruct:
		w.structValue(wire, t)
	case wire.kind == gobMap:
		n := w.count()
		w.allocate(n, keyOf(t), elemOf(t))
		for i := 0; i < n && w.err == nil; i++ {
			w.value(wire.key, keyOf(t))
			w.value(wire.elem, elemOf(t))
		}
	case wire.kind == gobArray, wire.kind == gobSlice:
		n := w.count()
		if wire.kind == gobSlice {
			w.allocate(n, elemOf(t))
		} else if uint64(n) != wire.len {
			w.fail("an array has another length than its type")
		}
		for i := 0; i < n && w.err == nil; i++ {
			if len(w.b) == 0 {
				w.fail("a list is longer than its message")
				return
			}
			w.value(wire.elem, elemOf(t))
		}
	case wire.kind >= gobOwn:
		w.memory += uint64(len(w.bytes()))
	default:
		w.fail("a value has a type of no kind")
	}
}

func (w *gobWalk) structValue(wire *wireType, t reflect.Type) {
	if wire.into == nil || wire.local != t {
		wire.local, wire.into = t, fieldsOf(t, wire.fields)
	}
	into := wire.into
	w.fields(func(n int) {
		if n >= len(into) {
			w.fail("a struct has a field that its type has not")
			return
		}
		w.value(wire.fields[n].id, into[n])
	})
}

// interfaceValue reads what gob decodes, or what it passes over: then it takes the length at its word,
// and nil for a name.
func (w *gobWalk) interfaceValue(t reflect.Type) {
	name := w.bytes()
	if t != nil && len(name) == 0 || w.err != nil {
		return
	}
	id := w.typeSequence(true)
	if t == nil {
		w.bytes()
		return
	}
	w.uint() // how long it is
	if w.err != nil {
		return
	}
	local, err := w.asked.typeOf(string(name), id, w.types)
	if err != nil {
		w.fail("%w", err)
		return
	}
	w.allocate(1, local)
	w.root(id, local)
}

// allocate counts n times the size of types.
func (w *gobWalk) allocate(n int, types ...reflect.Type) {
	for _, t := range types {
		if t != nil {
			w.memory += uint64(n) * uint64(t.Size())
		}
		if w.memory > w.limit {
			w.fail("the value would take more than %d MiB of memory", w.limit>>20)
		}
	}
}

// fields reads a struct: f reads the value of field n.
func (w *gobWalk) fields(f func(n int)) {
	for n := -1; len(w.b) > 0; {
		delta := w.uint()
		if delta == 0 {
			return
		}
		if delta > maxGobTypes || n+int(delta) >= maxGobTypes {
			w.fail("a struct has a field that its type has not")
			return
		}
		n += int(delta)
		f(n)
	}
}

// count reads how many values follow, each of which takes a byte at least.
func (w *gobWalk) count() int {
	n := w.uint()
	if n > uint64(len(w.b)+len(w.stream)) {
		w.fail("length %d where %d bytes are left", n, len(w.b)+len(w.stream))
		return 0
	}
	return int(n)
}

func (w *gobWalk) id() int32 {
	id := w.int()
	if int64(int32(id)) != id {
		w.fail("%d is not the id of a type", id)
	}
	return int32(id)
}

func (w *gobWalk) bytes() (b []byte) {
	b, w.b = w.cut(w.b, w.uint())
	return b
}

func (w *gobWalk) int() int64 {
	u := w.uint()
	if u&1 != 0 {
		return ^int64(u >> 1)
	}
	return int64(u >> 1)
}

func (w *gobWalk) uint() uint64 {
	if len(w.b) > 0 && w.b[0] < 0x80 { // as most are
		x := w.b[0]
		w.b = w.b[1:]
		return uint64(x)
	}
	return w.uintOf(&w.b)
}

// uintOf reads a number below 128 in one byte, or else in some that the first counts, negated.
func (w *gobWalk) uintOf(from *[]byte) (x uint64) {
	b := *from
	if len(b) == 0 {
		w.fail("the message ends too early")
		return 0
	}
	first, b := b[0], b[1:]
	if first < 0x80 {
		*from = b
		return uint64(first)
	}
	n := -int(int8(first))
	if n > 8 || n > len(b) {
		w.fail("a number of %d bytes", n)
		return 0
	}
	for _, c := range b[:n] {
		x = x<<8 | uint64(c)
	}
	*from = b[n:]
	return x
}

// cut splits b at n.
func (w *gobWalk) cut(b []byte, n uint64) (head, tail []byte) {
	if n > uint64(len(b)) {
		w.fail("length %d where %d bytes are left", n, len(b))
		return nil, nil
	}
	return b[:n], b[n:]
}
