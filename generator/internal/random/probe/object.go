package probe

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"sync"
)

// maxLevel is how deep calls lead to calls: what is passed by reference at a
// deeper level is nil.
const maxLevel = 3

// Object is what the implementations of all interfaces delegate to. Its results
// depend on its seed, the method, and all that can be seen of the arguments. For
// methods of package io it has some bytes.
type Object struct {
	seed   uint64
	level  int
	record *Record

	mu      sync.Mutex // protects following
	data    []byte
	at      int
	written []byte
	closed  int
}

func newObject(f *filler, what string) *Object {
	o := &Object{seed: f.rng.Uint64(), level: f.level, record: f.record.child(what)}
	o.data = []byte(f.text())
	if f.rng.IntN(20) == 0 {
		o.data = make([]byte, 200_000)
		for i := range o.data {
			o.data[i] = byte(i * i >> 3)
		}
	}
	o.record.later(func(indent string) string {
		o.mu.Lock()
		defer o.mu.Unlock()
		return fmt.Sprintf("%swritten %s, closed %d\n", indent, short(o.written), o.closed)
	})
	return o
}

// NoContext is for methods that have none.
var NoContext = context.Background()

// Call looks at arguments, and fills results. All are pointers.
func (o *Object) Call(ctx context.Context, method string, args, results []any) {
	d := newDumper(ctx, o.seed, o.level+1, nil)
	d.WriteString(method)
	d.values(pointed(args))
	o.record.add("%s", d)
	f := newFiller(d.hash(), o.level+1, nil)
	for _, r := range results {
		f.fill(reflect.ValueOf(r).Elem())
	}
}

func pointed(pointers []any) []reflect.Value {
	list := make([]reflect.Value, len(pointers))
	for i, p := range pointers {
		list[i] = reflect.ValueOf(p).Elem()
	}
	return list
}

// Read reads the object's bytes. A contract's, which is called more than once,
// starts anew each time.
func (o *Object) Read(p []byte) (int, error) {
	if o.level == 0 {
		return o.ReadAt(p, 0)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at >= len(o.data) {
		return 0, o.end()
	}
	n := copy(p, o.data[o.at:])
	o.at += n
	return n, nil
}

func (o *Object) end() error {
	if o.seed%3 == 0 {
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}

// ReadAt reads the object's bytes.
func (o *Object) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(o.data)) {
		return 0, o.end()
	}
	n := copy(p, o.data[off:])
	if n < len(p) {
		return n, o.end()
	}
	return n, nil
}

// Seek goes elsewhere.
func (o *Object) Seek(offset int64, whence int) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if whence == io.SeekCurrent {
		offset += int64(o.at)
	} else if whence == io.SeekEnd {
		offset += int64(len(o.data))
	}
	if offset < 0 || whence > io.SeekEnd {
		return 0, fmt.Errorf("seek to %d, %d", offset, whence)
	}
	if o.level > 0 {
		o.at = int(offset)
	}
	return offset, nil
}

// Write keeps p.
func (o *Object) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.written = append(o.written, p...)
	return len(p), nil
}

// Close counts.
func (o *Object) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed++
	return nil
}
