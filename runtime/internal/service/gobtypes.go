package service

import (
	"bytes"
	"encoding/gob"
	"errors"
	"math/bits"
	"reflect"
)

// keyOf is the type of the keys of a map that is decoded into a t.
func keyOf(t reflect.Type) reflect.Type {
	if t != nil && t.Kind() == reflect.Map {
		return t.Key()
	}
	return nil
}

// elemOf is the type of the elements of a map or a list that is decoded into a t.
func elemOf(t reflect.Type) reflect.Type {
	if t != nil {
		switch t.Kind() {
		case reflect.Array, reflect.Map, reflect.Slice:
			return t.Elem()
		}
	}
	return nil
}

// fieldsOf are the types of the fields of t that fields are decoded into, nil for none.
func fieldsOf(t reflect.Type, fields []wireField) []reflect.Type {
	into := make([]reflect.Type, len(fields))
	if t == nil || t.Kind() != reflect.Struct {
		return into
	}
	for i, f := range fields {
		if local, ok := t.FieldByName(f.name); ok && isExported(f.name) {
			into[i] = local.Type
		}
	}
	return into
}

// registry finds out which types package gob has registered for names, which it does not tell:
// it has it decode an empty value.
type registry struct {
	stream  bytes.Buffer // of definitions, and of what is asked
	decoder *gob.Decoder // of stream
	known   map[registered]reflect.Type
}

type registered struct {
	name string
	id   int32 // of the value: gob refuses what does not fit the registered type
}

// define adds a definition, which was a message or a part of one.
func (r *registry) define(id int32, text []byte) { r.message(appendGobInt(nil, -int64(id)), text) }

// message adds a message of some parts.
func (r *registry) message(parts ...[]byte) {
	m := bytes.Join(parts, nil)
	r.stream.Write(appendGobUint(nil, uint64(len(m))))
	r.stream.Write(m)
}

// typeOf is what a value of type id under name is decoded into.
func (r *registry) typeOf(name string, id int32, types map[int32]*wireType) (reflect.Type, error) {
	key := registered{name, id}
	if t := r.known[key]; t != nil {
		return t, nil
	}
	empty := emptyGob(id, types, []byte{})
	switch {
	case empty == nil: // it is decoded by its own methods, which may want more than nothing
		return reflect.TypeFor[any](), nil
	case len(empty) > maxGobEmpty:
		return nil, errors.New("an array in an interface value is too long")
	}
	if t := types[id]; t == nil || t.kind != gobStruct {
		empty = append([]byte{0}, empty...)
	}
	head := appendGobInt(nil, gobInterface)
	head = appendGobUint(append(head, 0), uint64(len(name)))
	r.message(head, []byte(name), appendGobInt(nil, int64(id)), appendGobUint(nil, uint64(len(empty))), empty)
	if r.decoder == nil {
		r.decoder = gob.NewDecoder(&r.stream)
		r.known = map[registered]reflect.Type{}
	}
	var v any
	if err := r.decoder.Decode(&v); err != nil {
		return nil, err
	}
	t := reflect.TypeOf(v)
	r.known[key] = t
	return t, nil
}

// maxGobEmpty bounds the arrays that the registry is asked for.
const maxGobEmpty = 1 << 12

// emptyGob appends the shortest value of type id. It returns nil if methods of the type's own
// decode it.
func emptyGob(id int32, types map[int32]*wireType, b []byte) []byte {
	t := types[id]
	switch {
	case id == gobComplex:
		return append(b, 0, 0)
	case t == nil || t.kind != gobArray && t.kind < gobOwn:
		return append(b, 0)
	case t.kind >= gobOwn:
		return nil
	}
	b = appendGobUint(b, t.len)
	for i := uint64(0); i < t.len && b != nil && len(b) <= maxGobEmpty; i++ {
		b = emptyGob(t.elem, types, b)
	}
	return b
}

// appendGobUint writes what gobWalk.uintOf reads.
func appendGobUint(b []byte, x uint64) []byte {
	if x < 0x80 {
		return append(b, byte(x))
	}
	n := (bits.Len64(x) + 7) / 8
	b = append(b, byte(-n))
	for n--; n >= 0; n-- {
		b = append(b, byte(x>>(8*n)))
	}
	return b
}

func appendGobInt(b []byte, i int64) []byte {
	if i < 0 {
		return appendGobUint(b, ^uint64(i)<<1|1)
	}
	return appendGobUint(b, uint64(i)<<1)
}
