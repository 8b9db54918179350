package probe

import (
	"context"
	"fmt"
	"reflect"
)

// makers make implementations of interfaces, by their types.
var makers = map[reflect.Type]func(*Object) reflect.Value{}

// Interface says how an interface that a contract mentions is implemented.
func Interface[T any](implement func(*Object) T) {
	makers[reflect.TypeFor[T]()] = func(o *Object) reflect.Value {
		v := implement(o)
		return reflect.ValueOf(&v).Elem()
	}
}

// reference fills what is passed by reference or streamed.
func (f *filler) reference(v reflect.Value) {
	t := v.Type()
	what := fmt.Sprintf("%s %x", t.Kind(), f.rng.Uint32())
	switch t.Kind() {
	case reflect.Interface:
		implement := makers[t]
		if implement == nil {
			panic(fmt.Sprintf("nothing implements %v", t))
		}
		v.Set(implement(newObject(f.inner(f.record), what)))
	case reflect.Func:
		inner := f.inner(f.record.child(what))
		if yieldOf(t) != nil {
			v.Set(reflect.MakeFunc(t, inner.sequence(t)))
		} else {
			v.Set(reflect.MakeFunc(t, inner.callback(t)))
		}
	case reflect.Chan:
		if t.ChanDir() == reflect.RecvDir {
			v.Set(f.receiver(t))
		} else {
			v.Set(f.sender(t, what))
		}
	default:
		panic("cannot fill " + t.String())
	}
}

// inner is for what a reference makes when it is used.
func (f *filler) inner(record *Record) *filler {
	g := newFiller(f.rng.Uint64(), f.level, record)
	return g
}

// callback returns what depends on the arguments.
func (f *filler) callback(t reflect.Type) func([]reflect.Value) []reflect.Value {
	seed := f.rng.Uint64()
	return func(args []reflect.Value) []reflect.Value {
		ctx := context.Background()
		if len(args) > 0 && t.In(0) == reflect.TypeFor[context.Context]() {
			ctx, args = args[0].Interface().(context.Context), args[1:]
		}
		d := newDumper(ctx, seed, f.level+1, nil)
		d.values(settable(args))
		f.record.add("called: %s", d)
		results := newFiller(d.hash(), f.level+1, nil)
		var list []reflect.Value
		for i := range t.NumOut() {
			r := reflect.New(t.Out(i)).Elem()
			results.fill(r)
			list = append(list, r)
		}
		return list
	}
}

// settable copies values to where they have addresses.
func settable(list []reflect.Value) []reflect.Value {
	var all []reflect.Value
	for _, v := range list {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		all = append(all, c)
	}
	return all
}

// yieldOf returns the type of yield if t is a sequence.
func yieldOf(t reflect.Type) reflect.Type {
	if t.NumIn() != 1 || t.NumOut() != 0 || t.In(0).Kind() != reflect.Func || t.In(0).Name() != "" {
		return nil
	}
	yield := t.In(0)
	if yield.NumIn() < 1 || yield.NumIn() > 2 || yield.NumOut() != 1 || yield.Out(0) != reflect.TypeFor[bool]() || yield.IsVariadic() {
		return nil
	}
	return yield
}

// sequence yields the same each time. How far it runs ahead of who ranges over
// it is its own business, so what it yields keeps no record.
func (f *filler) sequence(t reflect.Type) func([]reflect.Value) []reflect.Value {
	yield, seed := t.In(0), f.rng.Uint64()
	return func(args []reflect.Value) []reflect.Value {
		items := newFiller(seed, f.level+1, nil)
		for range items.count() {
			var list []reflect.Value
			for i := range yield.NumIn() {
				v := reflect.New(yield.In(i)).Elem()
				items.fill(v)
				list = append(list, v)
			}
			if !args[0].Call(list)[0].Bool() {
				return nil
			}
		}
		return nil
	}
}

// count is the number of items of a stream.
func (f *filler) count() int {
	if f.rng.IntN(20) == 0 {
		return 100
	}
	return f.rng.IntN(4)
}

// receiver is a channel that has all its items.
func (f *filler) receiver(t reflect.Type) reflect.Value {
	items := newFiller(f.rng.Uint64(), f.level+1, f.record)
	n := items.count()
	c := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, t.Elem()), n)
	for range n {
		v := reflect.New(t.Elem()).Elem()
		items.fill(v)
		c.Send(v)
	}
	c.Close()
	return c.Convert(t)
}

// sender is a channel that takes all that is sent, until it is closed.
func (f *filler) sender(t reflect.Type, what string) reflect.Value {
	c := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, t.Elem()), f.rng.IntN(3))
	node, over, seed := f.record.child(what), make(chan struct{}), f.rng.Uint64()
	f.record.until(what, over)
	go func() {
		defer close(over)
		for {
			v, ok := c.Recv()
			if !ok {
				return
			}
			d := newDumper(context.Background(), seed, f.level+1, node)
			d.values(settable([]reflect.Value{v}))
			node.add("got: %s", d)
		}
	}()
	return c.Convert(t)
}
