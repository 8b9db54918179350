package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
)

// The types that RegisterType has registered. Every value in an any looks here.
var registry struct {
	mu      sync.Mutex // held while a type is registered; protects waiting
	byType  sync.Map   // *registeredType by reflect.Type
	byName  sync.Map   // *registeredType by name
	waiting []reflect.Type
	settled atomic.Bool // nothing waits
}

// registeredType is how the values of one type travel in an any.
type registeredType struct {
	typ         reflect.Type
	name        string // with import paths
	fingerprint uint64 // of its structure
	form        *form
}

// RegisterType makes values of type T known, so that they can travel in an
// interface without methods. It is pingo.RegisterType.
func RegisterType[T any]() { registerType(reflect.TypeFor[T]()) }

// RegisterTypeLater is RegisterType for a type that most programs do not send: it waits until somebody looks for a
// type, and a program starts sooner.
func RegisterTypeLater[T any]() {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	registry.waiting = append(registry.waiting, reflect.TypeFor[T]())
	registry.settled.Store(false)
}

// settleTypes registers what waits. Who looks for a type calls it first.
func settleTypes() {
	if registry.settled.Load() {
		return
	}
	registry.mu.Lock()
	defer registry.mu.Unlock()
	for _, t := range registry.waiting {
		registerLocked(t)
	}
	registry.waiting = nil
	registry.settled.Store(true)
}

func registerType(t reflect.Type) {
	settleTypes()
	registry.mu.Lock()
	defer registry.mu.Unlock()
	registerLocked(t)
}

func registerLocked(t reflect.Type) {
	if registeredAs(t) != nil || isPredeclared(t) {
		return
	}
	if t.Kind() == reflect.Interface {
		panic(fmt.Sprintf("pingo.RegisterType[%v]: no value has an interface as its type: register the types of what it holds", t))
	}
	name := fullName(t)
	if other := registeredNamed(name); other != nil {
		panic(fmt.Sprintf("pingo.RegisterType[%v]: another type is called %s, too: give one of them another name", t, name))
	}
	form, fingerprint, err := build(t)
	if err != nil {
		panic(fmt.Sprintf("pingo.RegisterType[%v]: %v", t, err))
	}
	r := &registeredType{typ: t, name: name, fingerprint: fingerprint, form: form}
	registry.byName.Store(name, r)
	registry.byType.Store(t, r)
}

func registeredAs(t reflect.Type) *registeredType {
	r, _ := registry.byType.Load(t)
	is, _ := r.(*registeredType)
	return is
}

func registeredNamed(name string) *registeredType {
	r, _ := registry.byName.Load(name)
	is, _ := r.(*registeredType)
	return is
}

// isPredeclared tells of types that need not be registered. For their values a
// switch is faster than a look into the registry.
func isPredeclared(t reflect.Type) bool {
	if t.Kind() == reflect.Interface {
		return false
	}
	var e Encoder
	zero := reflect.Zero(t).Interface()
	if e.scalar(zero) {
		return true
	}
	switch zero.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// fullName is the name of a type, with the import paths of what it is made of.
func fullName(t reflect.Type) string {
	switch {
	case t.Name() != "" && t.PkgPath() != "":
		return t.PkgPath() + "." + t.Name()
	case t.Name() != "":
		return t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + fullName(t.Elem())
	case reflect.Slice:
		return "[]" + fullName(t.Elem())
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), fullName(t.Elem()))
	case reflect.Map:
		return "map[" + fullName(t.Key()) + "]" + fullName(t.Elem())
	case reflect.Struct:
		fields := make([]string, t.NumField())
		for i := range fields {
			fields[i] = t.Field(i).Name + " " + fullName(t.Field(i).Type)
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	}
	return t.String()
}

// registered writes a value of a registered type behind what identifies the type.
func (e *Encoder) registered(t *registeredType, v any) {
	e.String(t.name)
	e.Uint64(t.fingerprint)
	e.buf = append(e.buf, 0, 0, 0, 0)
	start := len(e.buf)
	e.copied(func() { t.form.write(e, reflect.ValueOf(v)) })
	size := len(e.buf) - start
	if uint64(size) > math.MaxUint32 {
		e.Fail(fmt.Errorf("a value of type %v in an any is larger than 4 GiB", t.typ))
		return
	}
	binary.LittleEndian.PutUint32(e.buf[start-4:], uint32(size))
}

// registered reads a value of a registered type.
func (d *Decoder) registered() any {
	name, fingerprint := d.String(), d.Uint64()
	head := d.take(4)
	if head == nil {
		return nil
	}
	size := binary.LittleEndian.Uint32(head)
	start := d.pos
	if d.take(uint64(size)); d.err != nil || d.unknown == unknownSkipped {
		return nil
	}
	settleTypes()
	t := registeredNamed(name)
	if err := t.fits(name, fingerprint); err != nil {
		return d.unknownValue(err)
	}
	end := d.pos
	d.pos = start
	v := reflect.New(t.typ).Elem()
	t.form.read(d, v)
	if d.err == nil && d.pos != end {
		d.Fail(fmt.Errorf("%d bytes were written, and %d were read", size, d.pos-start))
	}
	if d.err == nil {
		return v.Interface()
	}
	d.explain(t)
	if d.unknown == unknownTold {
		err := d.err
		d.err, d.pos = nil, end
		return d.unknownValue(err)
	}
	return nil
}

// fits tells whether values of a type can be read that the other side has under a name.
func (t *registeredType) fits(name string, fingerprint uint64) error {
	switch {
	case t == nil:
		return fmt.Errorf("a value of type %s in an any: the type is not registered here: "+
			"call pingo.RegisterType for it in both the host and the plugin", clip(name))
	case t.fingerprint != fingerprint:
		return fmt.Errorf("a value of type %s in an any: the type has another structure on the other side: "+
			"build the host and the plugin with the same version of it", name)
	}
	return nil
}

// unknownValue is what comes of a value that cannot be decoded.
func (d *Decoder) unknownValue(err error) any {
	if d.unknown == unknownTold {
		return "(" + err.Error() + ")"
	}
	d.Fail(err)
	return nil
}

// explain says inside of which type a value could not be decoded: the innermost.
func (d *Decoder) explain(t *registeredType) {
	if !errors.As(d.err, new(*insideError)) {
		d.err = &insideError{t.name, d.err}
	}
}

// insideError is an error of the value of a registered type.
type insideError struct {
	name string
	err  error
}

func (e *insideError) Error() string {
	return "a value of type " + e.name + " in an any: " + e.err.Error()
}

func (e *insideError) Unwrap() error { return e.err }

// clip shortens a name that comes from the other side.
func clip(name string) string {
	if len(name) > 200 {
		return name[:200] + "..."
	}
	return name
}

// cannotBeInAny says why a value does not travel.
func cannotBeInAny(t reflect.Type) error {
	if err := unfit(t); err != nil {
		return fmt.Errorf("a value of type %v in an any cannot be sent: %w", t, err)
	}
	return fmt.Errorf("a value of type %v in an any cannot be sent, because the type is not registered: "+
		"call pingo.RegisterType[%[1]v]() in both the host and the plugin", t)
}
