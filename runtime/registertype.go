package pingo

import "github.com/pingogen/pingogen/runtime/codec"

// RegisterType makes values of type T known, so that they can travel where a
// contract says any: both the host and the plugin call it, usually in
// an init function. Needless for bool, the numbers, string, []byte, time.Time,
// time.Duration, []any and map[string]any, which always travel, and for errors, which travel as errors do elsewhere.
//
// T is the exact type of the values, pointer or not: a struct, whose fields have
// to be exported, tagged with pingo:"-" or carried by methods of the struct's own
// such as MarshalBinary, a slice, a map, an array, or another name of a basic type. Two programs
// know a type by its name and import path; its structure has to be the same in both.
//
// RegisterType may be called by any goroutine, and more than once. It panics if
// values of T cannot travel, and if another type of the same name is registered.
func RegisterType[T any]() { codec.RegisterType[T]() }
