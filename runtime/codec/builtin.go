package codec

import "reflect"

// Names for what the language predeclares, for generated code in packages that
// declare a name such as string or error themselves. Nothing else needs them.
type (
	BuiltinAny        = any
	BuiltinBool       = bool
	BuiltinByte       = byte
	BuiltinComplex64  = complex64
	BuiltinComplex128 = complex128
	BuiltinError      = error
	BuiltinFloat32    = float32
	BuiltinFloat64    = float64
	BuiltinInt        = int
	BuiltinInt8       = int8
	BuiltinInt16      = int16
	BuiltinInt32      = int32
	BuiltinInt64      = int64
	BuiltinRune       = rune
	BuiltinString     = string
	BuiltinUint       = uint
	BuiltinUint8      = uint8
	BuiltinUint16     = uint16
	BuiltinUint32     = uint32
	BuiltinUint64     = uint64
)

// BuiltinNoError is nil, where nil means something else.
func BuiltinNoError() error { return nil }

// BuiltinFailed reports whether err is not nil.
func BuiltinFailed(err error) bool { return err != nil }

// BuiltinPanic panics with err.
func BuiltinPanic(err error) { panic(err) }

// BuiltinIsNil reports whether v, an interface, a function or a channel, is nil.
func BuiltinIsNil[T any](v T) bool {
	return reflect.ValueOf(&v).Elem().IsNil()
}
