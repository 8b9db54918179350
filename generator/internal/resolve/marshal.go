package resolve

import (
	"go/types"

	"github.com/pingogen/pingogen/generator/internal/diag"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// marshals are the methods by which a type carries itself, best first.
var marshals = []struct {
	how                model.Marshal
	marshal, unmarshal string
}{
	{model.MarshalBinary, "MarshalBinary", "UnmarshalBinary"},
	{model.MarshalGob, "GobEncode", "GobDecode"},
	{model.MarshalText, "MarshalText", "UnmarshalText"},
}

// marshaler says that a type travels through its own methods, if it does. Only
// methods that are declared on the type itself count: those that a struct gets
// from an embedded field carry that field, and would lose the others.
func (r *resolver) marshaler(m *model.Type, t *types.Named, at place) bool {
	if isProto(t) {
		m.Kind, m.Marshal, m.NoCopy = model.Marshaler, model.MarshalProto, true
		return true
	}
	for _, p := range marshals {
		marshal, unmarshal := own(t, p.marshal), own(t, p.unmarshal)
		if marshal == nil || unmarshal == nil || !isMarshal(marshal) || !isUnmarshal(unmarshal) {
			continue
		}
		m.Kind, m.Marshal = model.Marshaler, p.how
		m.PointerMethods = pointerReceiver(marshal)
		m.NoCopy = locks(t, nil)
		if at.key && !types.Comparable(t) {
			r.refuse(at, diag.Type, "%s cannot be a key", typeText(t))
		}
		return true
	}
	return false
}

// half names a marshal method of a type that has no counterpart.
func half(t *types.Named) string {
	for _, p := range marshals {
		marshal, unmarshal := own(t, p.marshal), own(t, p.unmarshal)
		if marshal != nil && unmarshal == nil {
			return " (it has " + p.marshal + ", but no " + p.unmarshal + ")"
		}
	}
	return ""
}

// own finds a method that is declared on t or *t.
func own(t *types.Named, name string) *types.Func {
	obj, index, _ := types.LookupFieldOrMethod(types.NewPointer(t), false, t.Obj().Pkg(), name)
	f, ok := obj.(*types.Func)
	if !ok || len(index) != 1 {
		return nil
	}
	return f
}

func pointerReceiver(f *types.Func) bool {
	_, ok := types.Unalias(f.Signature().Recv().Type()).(*types.Pointer)
	return ok
}

// isMarshal: func() ([]byte, error).
func isMarshal(f *types.Func) bool {
	s := f.Signature()
	return s.Params().Len() == 0 && s.Results().Len() == 2 && isBytes(s.Results().At(0).Type()) && isError(s.Results().At(1).Type())
}

// isUnmarshal: func([]byte) error.
func isUnmarshal(f *types.Func) bool {
	s := f.Signature()
	return s.Params().Len() == 1 && isBytes(s.Params().At(0).Type()) && s.Results().Len() == 1 && isError(s.Results().At(0).Type())
}

func isBytes(t types.Type) bool {
	s, ok := types.Unalias(t).(*types.Slice)
	return ok && isByte(s.Elem())
}

// isProto tells whether *t is a message of google.golang.org/protobuf.
func isProto(t *types.Named) bool {
	f := own(t, "ProtoReflect")
	return f != nil && f.Signature().Results().Len() == 1 &&
		isNamed(f.Signature().Results().At(0).Type(), "google.golang.org/protobuf/reflect/protoreflect", "Message")
}

// isLock tells whether t itself is what go vet's copylocks looks for: *t can
// Lock and Unlock, and t cannot.
func isLock(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || types.IsInterface(n) {
		return false
	}
	lock, unlock := own(n, "Lock"), own(n, "Unlock")
	return lock != nil && unlock != nil && pointerReceiver(lock) && pointerReceiver(unlock)
}

// isSync tells whether t is a type of package sync, or sync/atomic.
func isSync(t *types.Named) bool {
	p := t.Obj().Pkg()
	return p != nil && (p.Path() == "sync" || p.Path() == "sync/atomic")
}

// locks tells whether a value of t holds a lock.
func locks(t types.Type, seen map[types.Type]bool) bool {
	if seen == nil {
		seen = map[types.Type]bool{}
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	if isLock(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		return locks(u.Elem(), seen)
	case *types.Struct:
		for i := range u.NumFields() {
			if locks(u.Field(i).Type(), seen) {
				return true
			}
		}
	}
	return false
}
