package probe

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"
)

// dumper writes all that there is to see of values.
type dumper struct {
	strings.Builder
	ctx    context.Context
	rng    *rand.Rand
	level  int     // of what it passes to what it calls
	record *Record // of what that sees
}

func newDumper(ctx context.Context, seed uint64, level int, record *Record) *dumper {
	return &dumper{ctx: ctx, rng: rand.New(rand.NewPCG(seed, 2)), level: level, record: record}
}

func (d *dumper) write(format string, args ...any) { fmt.Fprintf(d, format, args...) }

// hash stands for all that was seen.
func (d *dumper) hash() uint64 { return hash(d.String()) }

func hash(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.LittleEndian.Uint64(sum[:])
}

// values dumps values that have addresses.
func (d *dumper) values(list []reflect.Value) {
	d.write("(")
	for i, v := range list {
		if i > 0 {
			d.write(", ")
		}
		d.value(v)
	}
	d.write(")")
}

func (d *dumper) value(v reflect.Value) {
	if d.special(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.CanInt() {
			d.write("%d", v.Int())
		} else if v.CanUint() {
			d.write("%d", v.Uint())
		} else {
			d.write("%t", v.Bool())
		}
	case reflect.Float32:
		d.float32(*(*float32)(v.Addr().UnsafePointer()))
	case reflect.Float64:
		d.float64(v.Float())
	case reflect.Complex64:
		c := *(*complex64)(v.Addr().UnsafePointer())
		d.float32(real(c))
		d.float32(imag(c))
	case reflect.Complex128:
		d.float64(real(v.Complex()))
		d.float64(imag(v.Complex()))
	case reflect.String:
		d.write("%s", short([]byte(v.String())))
	case reflect.Struct:
		d.write("{")
		for _, f := range fields(v) {
			d.value(f)
			d.write(" ")
		}
		d.write("}")
	case reflect.Array:
		d.items(v)
	default:
		d.nilable(v)
	}
}

func (d *dumper) items(v reflect.Value) {
	d.write("[")
	for i := range v.Len() {
		d.value(v.Index(i))
		d.write(" ")
	}
	d.write("]")
}

// A NaN is one by its bits.
func (d *dumper) float32(f float32) { d.write("f%08x", math.Float32bits(f)) }
func (d *dumper) float64(f float64) { d.write("f%016x", math.Float64bits(f)) }

// short is a text, or what stands for a long one.
func short(b []byte) string {
	if len(b) > 100 {
		return fmt.Sprintf("%d bytes %x", len(b), hash(string(b)))
	}
	return fmt.Sprintf("%q", b)
}

// nilable dumps what may be nil.
func (d *dumper) nilable(v reflect.Value) {
	if v.IsNil() {
		d.write("nil")
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		d.items(v)
	case reflect.Map:
		d.pairs(v)
	case reflect.Pointer:
		d.write("&")
		d.value(v.Elem())
	case reflect.Interface:
		d.object(v)
	case reflect.Func:
		if yieldOf(v.Type()) != nil {
			d.sequence(v)
		} else {
			d.callback(v)
		}
	case reflect.Chan:
		d.channel(v)
	default:
		panic("cannot dump " + v.Type().String())
	}
}

// pairs dumps a map in the order of its keys, which are data.
func (d *dumper) pairs(v reflect.Value) {
	type pair struct {
		key  string
		elem reflect.Value
	}
	var list []pair
	for it := v.MapRange(); it.Next(); {
		at := settable([]reflect.Value{it.Key(), it.Value()})
		k := newDumper(d.ctx, 0, d.level, nil)
		k.value(at[0])
		list = append(list, pair{k.String(), at[1]})
	}
	slices.SortFunc(list, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	d.write("map[")
	for _, p := range list {
		d.write("%s:", p.key)
		d.value(p.elem)
		d.write(" ")
	}
	d.write("]")
}

// special are types that do not travel by their structure.
func (d *dumper) special(v reflect.Value) bool {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		_, offset := p.Zone()
		d.write("%d.%09d%+d", p.Unix(), p.Nanosecond(), offset)
	case *netip.Addr:
		d.write("%v", p)
	case *big.Int:
		d.write("%v", p)
	case *error:
		d.error(*p)
	case *any:
		d.any(*p)
	default:
		return false
	}
	return true
}

// any dumps a value with its type.
func (d *dumper) any(v any) {
	d.write("%T ", v)
	if v != nil {
		d.value(settable([]reflect.Value{reflect.ValueOf(v)})[0])
	}
}

// object calls the methods of an interface's value.
func (d *dumper) object(v reflect.Value) {
	d.write("<")
	defer d.write(">")
	t := v.Type()
	calls := 4 - d.level
	for i := range t.NumMethod() {
		m := t.Method(i)
		if !m.IsExported() || isStandard(m.Name) || d.level >= maxLevel || calls <= 0 || d.rng.IntN(3) == 0 {
			continue
		}
		calls--
		d.write("%s", m.Name)
		d.call(v.Method(i))
	}
	if r, ok := v.Interface().(io.Reader); ok && t.Implements(reflect.TypeFor[io.Reader]()) {
		d.read(r)
		if s, ok := v.Interface().(io.Seeker); ok && t.Implements(reflect.TypeFor[io.Seeker]()) {
			at, err := s.Seek(int64(d.rng.IntN(3)), io.SeekStart)
			d.write(" at %d ", at)
			d.error(err)
			d.read(r)
		}
	}
	if r, ok := v.Interface().(io.ReaderAt); ok && t.Implements(reflect.TypeFor[io.ReaderAt]()) {
		p := make([]byte, d.rng.IntN(10))
		n, err := r.ReadAt(p, int64(d.rng.IntN(10)))
		d.write(" ReadAt %q ", p[:n])
		d.error(err)
	}
	if w, ok := v.Interface().(io.Writer); ok && t.Implements(reflect.TypeFor[io.Writer]()) {
		for range d.rng.IntN(4) {
			n, err := w.Write(fmt.Appendf(nil, "%x,", d.rng.Uint64()))
			d.write(" Write %d ", n)
			d.error(err)
		}
	}
	if c, ok := v.Interface().(io.Closer); ok && t.Implements(reflect.TypeFor[io.Closer]()) {
		d.write(" Close ")
		d.error(c.Close())
	}
}

// isStandard tells whether a method is one of those of package io that are
// looked at in an order of their own.
func isStandard(name string) bool {
	return slices.Contains([]string{"Read", "Write", "ReadAt", "Seek", "Close"}, name)
}

// read reads all that there is, in pieces.
func (d *dumper) read(r io.Reader) {
	size := []int{1, 7, 512}[d.rng.IntN(3)]
	var all []byte
	for p := make([]byte, 100_000); ; {
		if len(all) > 500 {
			size = len(p) // each Read may be a call
		}
		n, err := r.Read(p[:size])
		all = append(all, p[:n]...)
		if err != nil {
			d.write(" Read %s ", short(all))
			d.error(err)
			return
		}
		if len(all) > 1<<20 {
			d.write(" Read without end")
			return
		}
	}
}

// call calls a function with arguments of its own, and dumps the results.
func (d *dumper) call(f reflect.Value) {
	t := f.Type()
	filler := newFiller(d.rng.Uint64(), d.level+1, d.record)
	var args []reflect.Value
	for i := range t.NumIn() {
		if t.In(i) == reflect.TypeFor[context.Context]() {
			args = append(args, reflect.ValueOf(&d.ctx).Elem())
			continue
		}
		v := reflect.New(t.In(i)).Elem()
		filler.fill(v)
		args = append(args, v)
	}
	d.values(settable(invoke(f, args)))
}

func invoke(f reflect.Value, args []reflect.Value) []reflect.Value {
	if f.Type().IsVariadic() {
		return f.CallSlice(args)
	}
	return f.Call(args)
}

func (d *dumper) callback(v reflect.Value) {
	d.write("func")
	if d.level < maxLevel {
		d.call(v)
	}
}

// sequence ranges over all or some of it.
func (d *dumper) sequence(v reflect.Value) {
	d.write("seq[")
	left := -1
	if d.rng.IntN(3) == 0 {
		left = 1 + d.rng.IntN(3)
	}
	yield := reflect.MakeFunc(v.Type().In(0), func(items []reflect.Value) []reflect.Value {
		d.values(settable(items))
		left--
		return []reflect.Value{reflect.ValueOf(left != 0)}
	})
	v.Call([]reflect.Value{yield})
	d.write("]")
}

// channel receives all that there is, or sends something.
func (d *dumper) channel(v reflect.Value) {
	if v.Type().ChanDir() == reflect.RecvDir {
		d.write("chan[")
		for {
			item, ok := v.Recv()
			if !ok {
				break
			}
			d.values(settable([]reflect.Value{item}))
		}
		d.write("]")
		return
	}
	d.write("chan<-")
	items := newFiller(d.rng.Uint64(), d.level+1, nil) // the other side looks at them when it likes
	for range items.count() {
		item := reflect.New(v.Type().Elem()).Elem()
		items.fill(item)
		v.Send(item)
	}
	v.Close()
}
