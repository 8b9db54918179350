package dynamic

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/schema"
)

// Decode reads a value of type t and returns what Marshal makes JSON of.
func Decode(d *codec.Decoder, t *schema.Type) any {
	if !d.Enter() {
		return nil
	}
	defer d.Leave()
	switch t.Kind() {
	case schema.Boolean:
		return d.Bool()
	case schema.Signed:
		n := d.Int64()
		if t.Duration() {
			return time.Duration(n).String()
		}
		return n
	case schema.Unsigned:
		return d.Uint64()
	case schema.Float:
		return number(float(d, t.Bits()), t.Bits())
	case schema.Complex:
		if t.Bits() == 64 {
			return strconv.FormatComplex(complex128(d.Complex64()), 'g', -1, 64)
		}
		return strconv.FormatComplex(d.Complex128(), 'g', -1, 128)
	case schema.Text:
		return d.String()
	case schema.Instant:
		return d.Time().Format(time.RFC3339Nano)
	case schema.Failure:
		return textOf(d.Error())
	case schema.Dynamic:
		return written(d.Any())
	case schema.Slice, schema.Array, schema.Map, schema.Pointer, schema.Structure:
		return composite(d, t)
	}
	return opaque(d, t)
}

func float(d *codec.Decoder, bits int) float64 {
	if bits == 32 {
		return float64(d.Float32())
	}
	return d.Float64()
}

// number is a number of JSON, or the name of what JSON has no number for.
func number(f float64, bits int) any {
	text := strconv.FormatFloat(f, 'g', -1, bits)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return text
	}
	return json.Number(text)
}

func textOf(err error) any {
	if err == nil {
		return nil
	}
	return err.Error()
}

// opaque reads bytes.
func opaque(d *codec.Decoder, t *schema.Type) any {
	switch {
	case t.Kind() == schema.Bytes:
		b := d.Bytes()
		if b == nil {
			return nil
		}
		return base64.StdEncoding.EncodeToString(b)
	case t.Kind() == schema.ByteArray && t.Length() <= int64(d.Remaining()):
		b := make([]byte, t.Length())
		d.ByteArray(b)
		return base64.StdEncoding.EncodeToString(b)
	case t.Kind() == schema.Marshaled:
		var v any
		d.Unmarshal(func(b []byte) error {
			v = base64.StdEncoding.EncodeToString(b)
			if t.Definition() == "encoding.TextMarshaler" {
				v = string(b)
			}
			return nil
		})
		return v
	}
	d.Fail(fmt.Errorf("a value of %s cannot be read", t))
	return nil
}

// composite reads what has parts.
func composite(d *codec.Decoder, t *schema.Type) any {
	elem := func(d *codec.Decoder) any { return Decode(d, t.Elem()) }
	switch t.Kind() {
	case schema.Slice:
		list := codec.DecodeSlice(d, elem)
		if list == nil {
			return nil // and not []any(nil)
		}
		return list
	case schema.Array:
		if t.Length() == 0 {
			d.Empty()
		}
		list := []any{}
		for int64(len(list)) < t.Length() && d.Err() == nil {
			list = append(list, elem(d))
		}
		return list
	case schema.Map:
		return mapping(d, t)
	case schema.Pointer:
		p := codec.DecodePointer(d, elem)
		if p == nil {
			return nil
		}
		return *p
	}
	fields := t.Fields()
	if len(fields) == 0 {
		d.Empty()
	}
	object := Object{}
	for _, f := range fields {
		if d.Err() == nil {
			object = append(object, Member{f.Name, Decode(d, f.Type)})
		}
	}
	return object
}

// mapping reads a map, whose entries come in no order.
func mapping(d *codec.Decoder, t *schema.Type) any {
	entries := codec.DecodeSlice(d, func(d *codec.Decoder) Member {
		key := Decode(d, t.Key())
		name, ok := key.(string)
		if !ok {
			b, err := Marshal(key)
			if err != nil {
				d.Fail(err)
			}
			name = string(b)
		}
		return Member{name, Decode(d, t.Elem())}
	})
	if entries == nil {
		return nil
	}
	slices.SortStableFunc(entries, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	return Object(entries)
}

// written makes of a value in an any what JSON has for it.
func written(v any) any {
	switch v := v.(type) {
	case float64:
		return number(v, 64)
	case float32:
		return number(float64(v), 32)
	case complex64:
		return strconv.FormatComplex(complex128(v), 'g', -1, 64)
	case complex128:
		return strconv.FormatComplex(v, 'g', -1, 128)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case time.Duration:
		return v.String()
	case error:
		return v.Error()
	case []any:
		for i := range v {
			v[i] = written(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = written(v[name])
		}
	}
	return v
}
