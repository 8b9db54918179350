package codec

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// form is how the values of one type travel. It is made once, by reflection, when
// the type is registered. The bytes are those of generated code.
type form struct {
	encode func(*Encoder, reflect.Value)
	decode func(*Decoder, reflect.Value) // into a value that is zero and can be set
	cyclic bool                          // values can contain others of the type
}

func (f *form) write(e *Encoder, v reflect.Value) {
	switch {
	case !f.cyclic:
		f.encode(e, v)
	case e.Enter():
		f.encode(e, v)
		e.Leave()
	}
}

func (f *form) read(d *Decoder, v reflect.Value) {
	switch {
	case !f.cyclic:
		f.decode(d, v)
	case d.Enter():
		f.decode(d, v)
		d.Leave()
	}
}

var (
	errorIs  = reflect.TypeFor[error]()
	byteType = reflect.TypeFor[byte]()
)

// natives are the forms of types that have functions of their own here, by type.
var natives sync.Map

func init() { RegisterNative((*Encoder).Time, (*Decoder).Time) }

// RegisterNative says by which functions values of type T travel when they are a
// part of a registered type. Type time.Time is one
// of them, and those of log/slog are with package slogcodec.
func RegisterNative[T any](encode func(*Encoder, T), decode func(*Decoder) T) {
	natives.Store(reflect.TypeFor[T](), &form{encode: typed(encode), decode: set(decode)})
}

// builder makes the forms of a type and of all that it is made of, and writes
// down its structure, so that the two sides can tell whether it is the same.
type builder struct {
	forms     map[reflect.Type]*form
	numbers   map[reflect.Type]int // in the order in which types are met
	structure strings.Builder
	err       error
}

// build returns the form of t, and a fingerprint of its structure.
func build(t reflect.Type) (*form, uint64, error) {
	b := &builder{forms: map[reflect.Type]*form{}, numbers: map[reflect.Type]int{}}
	f := b.form(t, "")
	sum := sha256.Sum256([]byte(b.structure.String()))
	return f, binary.BigEndian.Uint64(sum[:8]), b.err
}

func (b *builder) write(format string, args ...any) { fmt.Fprintf(&b.structure, format, args...) }

// refuse says what cannot be sent: path leads there from the type.
func (b *builder) refuse(path string, err error) {
	if b.err == nil {
		b.err = fmt.Errorf("%s%w", path, err)
	}
}

// form returns the form of t. A type that is met again is written as its number.
func (b *builder) form(t reflect.Type, path string) *form {
	if f := b.forms[t]; f != nil {
		f.cyclic = f.cyclic || f.encode == nil
		if f.encode == nil || t.Kind() > reflect.Complex128 && t.Kind() != reflect.String {
			b.write("#%d", b.numbers[t])
			return f
		}
	}
	f := &form{}
	b.forms[t], b.numbers[t] = f, len(b.numbers)
	if err := unfit(t); err != nil {
		b.refuse(path, err)
		f.encode = func(*Encoder, reflect.Value) {}
		return f
	}
	if !b.special(f, t) {
		b.kind(f, t, path)
	}
	return f
}

// unfit says why no value of a type can be sent, whatever it is made of.
func unfit(t reflect.Type) error {
	if isDescriptor(t) {
		return fmt.Errorf("a %v can only be sent where the contract says that there is one: leave it out with the tag `pingo:\"-\"`", t)
	}
	switch t.Kind() {
	case reflect.Func:
		return errors.New("functions can only be sent where the contract says that there is one: leave it out with the tag `pingo:\"-\"`")
	case reflect.Chan:
		return errors.New("channels can only be sent where the contract says that there is one: leave it out with the tag `pingo:\"-\"`")
	case reflect.Uintptr, reflect.UnsafePointer:
		return errors.New("it is an address, which means nothing in another process: use an integer type, or leave it out with the tag `pingo:\"-\"`")
	case reflect.Interface:
		if t.NumMethod() > 0 && !isErrorType(t) {
			return fmt.Errorf("%v is an interface with methods, which can only be sent where the contract says that there is one: "+
				"use any or a concrete type, or leave it out with the tag `pingo:\"-\"`", t)
		}
	}
	return nil
}

// isErrorType tells of error and its other names.
func isErrorType(t reflect.Type) bool {
	return t.Kind() == reflect.Interface && t.Implements(errorIs) && errorIs.Implements(t)
}

// special are the types that do not travel by their structure.
func (b *builder) special(f *form, t reflect.Type) bool {
	native, _ := natives.Load(t)
	switch {
	case native != nil:
		b.write("%s", fullName(t))
		*f = *native.(*form)
	case isErrorType(t):
		b.write("error")
		f.encode, f.decode = typed((*Encoder).Error), set((*Decoder).Error)
	case t.Kind() == reflect.Interface:
		b.write("any")
		f.encode, f.decode = typed((*Encoder).Any), set((*Decoder).Any)
	default:
		return b.marshaler(f, t)
	}
	return true
}

// typed adapts a method of Encoder. An interface may hold nil.
func typed[T any](encode func(*Encoder, T)) func(*Encoder, reflect.Value) {
	return func(e *Encoder, v reflect.Value) {
		x, _ := v.Interface().(T)
		encode(e, x)
	}
}

// set adapts a method of Decoder.
func set[T any](decode func(*Decoder) T) func(*Decoder, reflect.Value) {
	return func(d *Decoder, v reflect.Value) {
		if x := any(decode(d)); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	}
}

// kind makes the form of a type that travels by its structure.
func (b *builder) kind(f *form, t reflect.Type, path string) {
	switch t.Kind() {
	case reflect.Slice:
		b.slice(f, t, path)
	case reflect.Array:
		b.array(f, t, path)
	case reflect.Map:
		b.mapping(f, t, path)
	case reflect.Pointer:
		b.pointer(f, t, path)
	case reflect.Struct:
		b.fields(f, t, path)
	default:
		b.write("%v", t.Kind())
		f.encode, f.decode = basicForm(t)
	}
}

// fields makes the form of a struct.
func (b *builder) fields(f *form, t reflect.Type, path string) {
	var indexes []int
	var forms []*form
	b.write("struct{")
	for i := range t.NumField() {
		field := t.Field(i)
		if staysBehind(field) {
			continue
		}
		here := fmt.Sprintf("%sfield %s%s: ", path, owner(t), field.Name)
		if !field.IsExported() {
			b.refuse(here, fmt.Errorf("it is not exported, and a registered type is read from outside: "+
				"export it, leave it out with the tag `pingo:\"-\"`, or give %v MarshalBinary and UnmarshalBinary methods", t))
			continue
		}
		b.write("%s ", field.Name)
		indexes, forms = append(indexes, i), append(forms, b.form(field.Type, here))
		b.write(";")
	}
	b.write("}")
	f.encode, f.decode = structForm(indexes, forms)
}

// staysBehind tells whether a field does not travel.
func staysBehind(f reflect.StructField) bool { return f.Name == "_" || f.Tag.Get("pingo") == "-" }

// owner is what a struct's fields belong to: "Item.", or nothing if it has no name.
func owner(t reflect.Type) string {
	if t.Name() == "" {
		return ""
	}
	return t.Name() + "."
}

func (b *builder) slice(f *form, t reflect.Type, path string) {
	if t.Elem() == byteType {
		b.write("[]byte")
		f.encode, f.decode = bytesForm()
		return
	}
	b.write("[]")
	f.encode, f.decode = sliceForm(t, b.form(t.Elem(), path))
}

func (b *builder) array(f *form, t reflect.Type, path string) {
	b.write("[%d]", t.Len())
	elem := b.form(t.Elem(), path)
	switch {
	case t.Len() == 0:
		f.encode, f.decode = structForm(nil, nil)
	case t.Elem() == byteType:
		f.encode, f.decode = byteArrayForm(t)
	default:
		f.encode, f.decode = arrayForm(t, elem)
	}
}

func (b *builder) mapping(f *form, t reflect.Type, path string) {
	if err := badKey(t.Key()); err != nil {
		b.refuse(path+"key: ", err)
	}
	b.write("map[")
	key := b.form(t.Key(), path+"key: ")
	b.write("]")
	f.encode, f.decode = mapForm(t, key, b.form(t.Elem(), path))
}

// badKey says why values of a type that are sent cannot be found again in a map.
func badKey(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Interface, reflect.Pointer:
		return fmt.Errorf("%v cannot be a key: what arrives need not be equal to what was sent; use a value that identifies it", t)
	case reflect.Array:
		return badKey(t.Elem())
	case reflect.Struct:
		if _, native := natives.Load(t); native || marshalsItself(t) != nil {
			return nil
		}
		for i := range t.NumField() {
			if field := t.Field(i); !staysBehind(field) {
				if err := badKey(field.Type); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *builder) pointer(f *form, t reflect.Type, path string) {
	b.write("*")
	f.encode, f.decode = pointerForm(t, b.form(t.Elem(), path))
}
