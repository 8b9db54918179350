package codec

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// How a value in an interface without methods travels: one byte, which says what
// follows; see docs/protocol.md.
const (
	anyNil = iota
	anyBool
	anyInt
	anyInt8
	anyInt16
	anyInt32
	anyInt64
	anyUint
	anyUint8
	anyUint16
	anyUint32
	anyUint64
	anyFloat32
	anyFloat64
	anyComplex64
	anyComplex128
	anyString
	anyBytes
	anyTime
	anyDuration
	anyList       // []any
	anyMap        // map[string]any
	anyError      // an error whose type is not registered
	anyRegistered // type, fingerprint, the size of the value (4 bytes), and the value
)

// Any writes a value with its type. That is one of those that are
// listed above, an error's, or registered by [RegisterType].
func (e *Encoder) Any(v any) {
	if !e.scalar(v) && e.Enter() {
		e.composite(v)
		e.Leave()
	}
}

// scalar writes what contains no other value.
func (e *Encoder) scalar(v any) bool {
	switch v := v.(type) {
	case nil:
		e.Uint8(anyNil)
	case bool:
		e.Uint8(anyBool)
		e.Bool(v)
	case string:
		e.Uint8(anyString)
		e.String(v)
	case []byte:
		e.Uint8(anyBytes)
		e.Bytes(v)
	case time.Time:
		e.Uint8(anyTime)
		e.Time(v)
	case time.Duration:
		e.Uint8(anyDuration)
		e.Int64(int64(v))
	default:
		return e.number(v)
	}
	return true
}

func (e *Encoder) number(v any) bool {
	switch v := v.(type) {
	case int:
		e.Uint8(anyInt)
		e.Int(v)
	case int8:
		e.Uint8(anyInt8)
		e.Int8(v)
	case int16:
		e.Uint8(anyInt16)
		e.Int16(v)
	case int32:
		e.Uint8(anyInt32)
		e.Int32(v)
	case int64:
		e.Uint8(anyInt64)
		e.Int64(v)
	case uint:
		e.Uint8(anyUint)
		e.Uint(v)
	case uint8:
		e.Uint8(anyUint8)
		e.Uint8(v)
	case uint16:
		e.Uint8(anyUint16)
		e.Uint16(v)
	case uint32:
		e.Uint8(anyUint32)
		e.Uint32(v)
	case uint64:
		e.Uint8(anyUint64)
		e.Uint64(v)
	default:
		return e.fraction(v)
	}
	return true
}

func (e *Encoder) fraction(v any) bool {
	switch v := v.(type) {
	case float32:
		e.Uint8(anyFloat32)
		e.Float32(v)
	case float64:
		e.Uint8(anyFloat64)
		e.Float64(v)
	case complex64:
		e.Uint8(anyComplex64)
		e.Complex64(v)
	case complex128:
		e.Uint8(anyComplex128)
		e.Complex128(v)
	default:
		return false
	}
	return true
}

// composite writes what may contain other values.
func (e *Encoder) composite(v any) {
	switch v := v.(type) {
	case []any:
		e.Uint8(anyList)
		EncodeSlice(e, v, (*Encoder).Any)
	case map[string]any:
		e.Uint8(anyMap)
		EncodeMap(e, v, (*Encoder).String, (*Encoder).Any)
	default:
		settleTypes()
		t := registeredAs(reflect.TypeOf(v))
		err, isError := v.(error)
		switch {
		case t != nil:
			e.Uint8(anyRegistered)
			e.registered(t, v)
		case isError:
			e.Uint8(anyError)
			e.Error(err)
		default:
			e.Fail(cannotBeInAny(reflect.TypeOf(v)))
		}
	}
}

// Any reads what Any wrote.
func (d *Decoder) Any() any {
	switch tag := d.Uint8(); tag {
	case anyNil:
		return nil
	case anyBool:
		return d.Bool()
	case anyString:
		return d.String()
	case anyBytes:
		return d.Bytes()
	case anyTime:
		return d.Time()
	case anyDuration:
		return time.Duration(d.Int64())
	case anyList, anyMap, anyError, anyRegistered:
		if !d.Enter() {
			return nil
		}
		defer d.Leave()
		return d.composite(tag)
	default:
		return d.number(tag)
	}
}

func (d *Decoder) number(tag uint8) any {
	switch tag {
	case anyInt:
		return d.Int()
	case anyInt8:
		return d.Int8()
	case anyInt16:
		return d.Int16()
	case anyInt32:
		return d.Int32()
	case anyInt64:
		return d.Int64()
	case anyUint:
		return d.Uint()
	case anyUint8:
		return d.Uint8()
	case anyUint16:
		return d.Uint16()
	case anyUint32:
		return d.Uint32()
	case anyUint64:
		return d.Uint64()
	case anyFloat32:
		return d.Float32()
	case anyFloat64:
		return d.Float64()
	case anyComplex64:
		return d.Complex64()
	case anyComplex128:
		return d.Complex128()
	}
	d.Fail(fmt.Errorf("unknown kind of value %d in an any", tag))
	return nil
}

func (d *Decoder) composite(tag uint8) any {
	switch tag {
	case anyList:
		return DecodeSlice(d, (*Decoder).Any)
	case anyMap:
		return DecodeMap(d, (*Decoder).String, (*Decoder).Any)
	case anyRegistered:
		return d.registered()
	}
	err := d.Error()
	if err == nil {
		d.Fail(errors.New("error in an any that is nil"))
		return nil
	}
	return err
}

// SkipAny goes over what Any wrote, whatever is registered here.
func (d *Decoder) SkipAny() {
	outer := d.unknown
	d.unknown = unknownSkipped
	d.Any()
	d.unknown = outer
}

// What is done with a value of a registered type that cannot be decoded.
const (
	unknownFails   = iota // the message cannot be decoded
	unknownTold           // a text that says why takes its place
	unknownSkipped        // registered values are gone over without a look
)
