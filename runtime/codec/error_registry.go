package codec

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// The errors that keep their identity. Packages register theirs in init, and
// every call that fails looks here. What is registered waits until somebody looks, since
// most programs have no error to tell of when they start.
var (
	settled atomic.Bool // nothing waits
	waiting struct {
		sync.Mutex
		known bool           // what is known without being registered
		list  []registration // in their order
	}

	variables sync.Map // error by name, "import/path.ErrName"
	varNames  sync.Map // the name by error
	types     sync.Map // *errorType by name
	typesOf   sync.Map // *errorType by reflect.Type
)

// KnownError is a variable, or a type of errors, that is known on both sides.
type KnownError struct {
	name     string
	variable error        // or else
	is       reflect.Type // the type of the errors,
	typ      *errorType   // and how they travel
	pointer  reflect.Type // for a type whose values are errors: that of pointers to them,
	pointed  *errorType   // and how these travel
}

// errorType is how the errors of one type travel.
type errorType struct {
	name        string // "import/path.Type" or "*import/path.Type"
	fingerprint uint64 // of the type's definition
	encode      func(*Encoder, error)
	decode      func(*Decoder) error
}

// registration is a call of RegisterErrors.
type registration struct {
	pkg  string
	errs []KnownError
}

// RegisterErrors makes errors of the package with the import path pkg known, so
// that errors.Is and errors.As find them on the other side of a call, provided
// that they are registered there too. Generated code does so in its init for
// what a contract's package exports. The standard library's are registered here.
func RegisterErrors(pkg string, errs ...KnownError) {
	waiting.Lock()
	defer waiting.Unlock()
	waiting.list = append(waiting.list, registration{pkg, errs})
	settled.Store(false)
}

// settle makes known what waits. Who looks calls it first.
func settle() {
	if settled.Load() {
		return
	}
	waiting.Lock()
	defer waiting.Unlock()
	if !waiting.known {
		waiting.known = true
		knowStandard()
		knowNet()
		knowJSON()
		knowErrno()
		knowLimit()
	}
	for _, r := range waiting.list {
		know(r.pkg, r.errs...)
	}
	waiting.list = nil
	settled.Store(true)
}

func know(pkg string, errs ...KnownError) {
	for _, err := range errs {
		name := pkg + "." + err.name
		err.registerVariable(name)
		register(name, err.is, err.typ)
		register("*"+name, err.pointer, err.pointed)
	}
}

func (k *KnownError) registerVariable(name string) {
	if k.variable != nil && isComparable(k.variable) {
		variables.Store(name, k.variable)
		varNames.LoadOrStore(k.variable, name) // another package's variable may be the same error
	}
}

func register(name string, is reflect.Type, typ *errorType) {
	if typ != nil {
		typ.name = name
		types.Store(name, typ)
		typesOf.Store(is, typ)
	}
}

// ErrorVar is the variable called name: the other side gets its own variable of
// that name. One that is nil, or whose value cannot be compared, stays unknown.
func ErrorVar(name string, v error) KnownError { return KnownError{name: name, variable: v} }

// ErrorPointer is the type T called name whose pointer is an error. Fingerprint
// identifies T's definition: where it differs, the error arrives as a RemoteError.
func ErrorPointer[T any, P interface {
	*T
	error
}](name string, fingerprint uint64, encode func(*Encoder, T), decode func(*Decoder) T) KnownError {
	return KnownError{name: name, pointer: reflect.TypeFor[P](), pointed: &errorType{
		fingerprint: fingerprint,
		encode:      func(e *Encoder, v error) { encode(e, *v.(P)) },
		decode: func(d *Decoder) error {
			v := decode(d)
			return P(&v)
		},
	}}
}

// ErrorReference is ErrorPointer for structs, and for types that must not be copied.
func ErrorReference[T any, P interface {
	*T
	error
}](name string, fingerprint uint64, encode func(*Encoder, *T), decode func(*Decoder, *T)) KnownError {
	return KnownError{name: name, pointer: reflect.TypeFor[P](), pointed: &errorType{
		fingerprint: fingerprint,
		encode:      func(e *Encoder, v error) { encode(e, v.(P)) },
		decode: func(d *Decoder) error {
			v := new(T)
			decode(d, v)
			return P(v)
		},
	}}
}

// ErrorValue is the type T called name that is itself an error, and so is a
// pointer to it.
func ErrorValue[T error](name string, fingerprint uint64, encode func(*Encoder, T), decode func(*Decoder) T) KnownError {
	return KnownError{
		name: name, is: reflect.TypeFor[T](), pointer: reflect.TypeFor[*T](),
		typ: &errorType{
			fingerprint: fingerprint,
			encode:      func(e *Encoder, v error) { encode(e, v.(T)) },
			decode:      func(d *Decoder) error { return decode(d) },
		},
		pointed: &errorType{
			fingerprint: fingerprint,
			encode:      func(e *Encoder, v error) { encode(e, *any(v).(*T)) },
			decode: func(d *Decoder) error {
				v := decode(d)
				return any(&v).(error)
			},
		},
	}
}

func variableNamed(name string) error {
	settle()
	v, _ := variables.Load(name)
	err, _ := v.(error)
	return err
}

// nameOfVariable returns "" for an error that is not a known variable.
func nameOfVariable(v error) string {
	if !isComparable(v) {
		return ""
	}
	settle()
	name, _ := varNames.Load(v)
	s, _ := name.(string)
	return s
}

func typeNamed(name string) *errorType {
	settle()
	t, _ := types.Load(name)
	is, _ := t.(*errorType)
	return is
}

func typeOf(v error) *errorType {
	settle()
	t, _ := typesOf.Load(reflect.TypeOf(v))
	is, _ := t.(*errorType)
	return is
}

// matchedBy lists the known variables that v's own Is method matches, as
// syscall.ENOENT's matches fs.ErrNotExist.
func matchedBy(v error) []string {
	is, ok := v.(interface{ Is(error) bool })
	if !ok {
		return nil
	}
	settle()
	var names []string
	variables.Range(func(name, variable any) bool {
		if matches(is, variable.(error)) {
			names = append(names, name.(string))
		}
		return true
	})
	slices.Sort(names)
	return names
}

// matches asks an Is method about an error that it need not expect.
func matches(v interface{ Is(error) bool }, target error) (yes bool) {
	defer func() {
		if recover() != nil {
			yes = false
		}
	}()
	return v.Is(target)
}

// ErrUnimplemented is in the error of a call to something that is not
// registered. It is pingo.ErrUnimplemented.
var ErrUnimplemented = errors.New("not implemented")
