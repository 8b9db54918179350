package service

import (
	"context"
	"fmt"
	"reflect"
	"unicode"
	"unicode/utf8"

	"github.com/pingogen/pingogen/runtime/codec"
)

var errorType = reflect.TypeFor[error]()

// fromReceiver makes an object of a value as net/rpc does: its name is that of
// its type, its methods are those that take an argument and a pointer to a reply
// and return an error.
func fromReceiver(rcvr any) (*object, error) {
	if rcvr == nil {
		return nil, fmt.Errorf("cannot register nil")
	}
	v := reflect.ValueOf(rcvr)
	name := reflect.Indirect(v).Type().Name()
	if v.Kind() == reflect.Pointer && v.Type().Elem().Kind() != reflect.Pointer {
		name = v.Type().Elem().Name() // also of a nil pointer
	}
	if name == "" {
		return nil, fmt.Errorf("cannot register a %T: its type has no name; declare one", rcvr)
	}
	if !isExported(name) {
		return nil, fmt.Errorf("cannot register a %T: its type is not exported; write %s with a capital letter", rcvr, name)
	}
	o := &object{name: name}
	for i := range v.NumMethod() {
		if m := newMethod(name, v.Type().Method(i), v); m != nil {
			o.methods = append(o.methods, m)
		}
	}
	if len(o.methods) == 0 {
		return nil, noMethods(rcvr, v.Type())
	}
	return o, nil
}

// noMethods says why an object without callable methods is refused.
func noMethods(rcvr any, t reflect.Type) error {
	if t.Kind() != reflect.Pointer {
		for i := range reflect.PointerTo(t).NumMethod() {
			if suitable(reflect.PointerTo(t).Method(i)) {
				return fmt.Errorf("cannot register a %T: its methods have pointer receivers; register a pointer to it", rcvr)
			}
		}
	}
	return fmt.Errorf("cannot register a %T: it has no exported method of the form func (T) Method(args A, reply *R) error with exported or predeclared types", rcvr)
}

// suitable tells whether net/rpc would export m.
func suitable(m reflect.Method) bool {
	t := m.Type
	return m.IsExported() &&
		t.NumIn() == 3 && exportedOrBuiltin(t.In(1)) &&
		t.In(2).Kind() == reflect.Pointer && exportedOrBuiltin(t.In(2)) &&
		t.NumOut() == 1 && t.Out(0) == errorType
}

// isExported is token.IsExported, without a package that makes a map when a program starts.
func isExported(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(first)
}

func exportedOrBuiltin(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return isExported(t.Name()) || t.PkgPath() == ""
}

// newMethod makes a handler of a method of rcvr; nil if it does not qualify.
func newMethod(object string, m reflect.Method, rcvr reflect.Value) *method {
	if !suitable(m) {
		return nil
	}
	g := &gobMethod{
		call:  rcvr.Method(m.Index),
		args:  m.Type.In(1),
		reply: m.Type.In(2).Elem(),
	}
	return &method{
		name:      object + "." + m.Name,
		signature: fmt.Sprintf("(args %s, reply *%s) error", g.args, g.reply),
		gob:       true,
		handler:   g.handle,
	}
}

// gobMethod calls a method of a net/rpc-style object.
type gobMethod struct {
	call        reflect.Value // bound to its receiver
	args, reply reflect.Type
}

// handle is a codec.Handler. As with net/rpc, a call that failed has no reply.
func (g *gobMethod) handle(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
	args, in := g.newArgs()
	if err := dec.Message(&Gob{Value: args.Interface()}); err != nil {
		return err
	}
	reply := newReply(g.reply)
	out := g.call.Call([]reflect.Value{in(), reply})
	if err, _ := out[0].Interface().(error); err != nil {
		enc.Message(noReply{})
		return err
	}
	enc.Message(&Gob{Value: reply.Interface()})
	return nil
}

// RegisterFunc adds an object with one method in the style of net/rpc. It takes none of the
// reflection that Register does, which is some of what the start of a program takes.
func RegisterFunc[A, R any](r *Registry, object, name string, f func(args A, reply *R) error) error {
	return r.add(newFunc(object, name, f))
}

func newFunc[A, R any](name, methodName string, f func(args A, reply *R) error) *object {
	handle := func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		var args A
		var reply R
		if err := dec.Message(&Gob{Value: &args}); err != nil {
			return err
		}
		if err := f(args, &reply); err != nil {
			enc.Message(noReply{})
			return err
		}
		enc.Message(&Gob{Value: &reply})
		return nil
	}
	signature := fmt.Sprintf("(args %T, reply %T) error", *new(A), new(R))
	return &object{name: name, methods: []*method{{name: name + "." + methodName, signature: signature, gob: true, handler: handle}}}
}

// newArgs returns a pointer to decode the arguments into, and what makes the
// method's first parameter of it.
func (g *gobMethod) newArgs() (ptr reflect.Value, in func() reflect.Value) {
	if g.args.Kind() == reflect.Pointer {
		v := reflect.New(g.args.Elem())
		return v, func() reflect.Value { return v }
	}
	v := reflect.New(g.args)
	return v, v.Elem
}

// newReply returns a pointer to an empty reply: as with net/rpc, a map is made.
func newReply(t reflect.Type) reflect.Value {
	v := reflect.New(t)
	switch t.Kind() {
	case reflect.Map:
		v.Elem().Set(reflect.MakeMap(t))
	case reflect.Slice:
		v.Elem().Set(reflect.MakeSlice(t, 0, 0))
	}
	return v
}
