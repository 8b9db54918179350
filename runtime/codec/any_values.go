package codec

import "reflect"

// These are the forms of each kind of type, as pairs of functions. The generic
// helpers of generated code do the same.

func basicForm(t reflect.Type) (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	bits := uint(0)
	switch t.Kind() {
	case reflect.Bool:
		return func(e *Encoder, v reflect.Value) { e.Bool(v.Bool()) }, func(d *Decoder, v reflect.Value) { v.SetBool(d.Bool()) }
	case reflect.String:
		return func(e *Encoder, v reflect.Value) { e.String(v.String()) }, func(d *Decoder, v reflect.Value) { v.SetString(d.String()) }
	case reflect.Float32:
		return func(e *Encoder, v reflect.Value) { e.Float32(float32(v.Float())) },
			func(d *Decoder, v reflect.Value) { v.SetFloat(float64(d.Float32())) }
	case reflect.Float64:
		return func(e *Encoder, v reflect.Value) { e.Float64(v.Float()) }, func(d *Decoder, v reflect.Value) { v.SetFloat(d.Float64()) }
	case reflect.Complex64:
		return func(e *Encoder, v reflect.Value) { e.Complex64(complex64(v.Complex())) },
			func(d *Decoder, v reflect.Value) { v.SetComplex(complex128(d.Complex64())) }
	case reflect.Complex128:
		return func(e *Encoder, v reflect.Value) { e.Complex128(v.Complex()) },
			func(d *Decoder, v reflect.Value) { v.SetComplex(d.Complex128()) }
	}
	bits = uint(t.Bits())
	if reflect.Zero(t).CanInt() {
		return func(e *Encoder, v reflect.Value) { e.Int64(v.Int()) }, func(d *Decoder, v reflect.Value) { v.SetInt(d.signed(bits)) }
	}
	return func(e *Encoder, v reflect.Value) { e.Uint64(v.Uint()) }, func(d *Decoder, v reflect.Value) { v.SetUint(d.unsigned(bits)) }
}

func bytesForm() (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	return func(e *Encoder, v reflect.Value) { e.Bytes(v.Bytes()) }, func(d *Decoder, v reflect.Value) { v.SetBytes(d.Bytes()) }
}

func byteArrayForm(t reflect.Type) (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	return func(e *Encoder, v reflect.Value) { e.ByteArray(addressable(v).Bytes()) },
		func(d *Decoder, v reflect.Value) { d.ByteArray(v.Bytes()) }
}

// addressable is v, or a copy of it that has an address.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

func structForm(indexes []int, forms []*form) (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	if len(forms) == 0 {
		return func(e *Encoder, _ reflect.Value) { e.Empty() }, func(d *Decoder, _ reflect.Value) { d.Empty() }
	}
	return func(e *Encoder, v reflect.Value) {
			for i, f := range forms {
				f.write(e, v.Field(indexes[i]))
			}
		}, func(d *Decoder, v reflect.Value) {
			for i, f := range forms {
				f.read(d, v.Field(indexes[i]))
			}
		}
}

func sliceForm(t reflect.Type, elem *form) (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	return func(e *Encoder, v reflect.Value) {
			e.count(v.Len(), v.IsNil())
			for i := 0; i < v.Len() && e.err == nil; i++ {
				elem.write(e, v.Index(i))
			}
		}, func(d *Decoder, v reflect.Value) {
			n, ok := d.count()
			if !ok {
				return
			}
			v.Set(reflect.MakeSlice(t, 0, d.room(n, t.Elem().Size())))
			zero := reflect.Zero(t.Elem())
			for i := 0; i < n && d.err == nil; i++ {
				v.Set(reflect.Append(v, zero))
				elem.read(d, v.Index(i))
			}
		}
}

func arrayForm(t reflect.Type, elem *form) (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	return func(e *Encoder, v reflect.Value) {
			for i := 0; i < t.Len() && e.err == nil; i++ {
				elem.write(e, v.Index(i))
			}
		}, func(d *Decoder, v reflect.Value) {
			for i := 0; i < t.Len() && d.err == nil; i++ {
				elem.read(d, v.Index(i))
			}
		}
}

func mapForm(t reflect.Type, key, elem *form) (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	return func(e *Encoder, v reflect.Value) {
			e.count(v.Len(), v.IsNil())
			for entries := v.MapRange(); e.err == nil && entries.Next(); {
				key.write(e, entries.Key())
				elem.write(e, entries.Value())
			}
		}, func(d *Decoder, v reflect.Value) {
			n, ok := d.count()
			if !ok {
				return
			}
			v.Set(reflect.MakeMapWithSize(t, d.room(n, 8+t.Key().Size()+t.Elem().Size())))
			for ; n > 0 && d.err == nil; n-- {
				k, x := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
				key.read(d, k)
				elem.read(d, x)
				if d.err == nil {
					v.SetMapIndex(k, x)
				}
			}
		}
}

func pointerForm(t reflect.Type, elem *form) (func(*Encoder, reflect.Value), func(*Decoder, reflect.Value)) {
	return func(e *Encoder, v reflect.Value) {
			e.Bool(!v.IsNil())
			if !v.IsNil() {
				elem.write(e, v.Elem())
			}
		}, func(d *Decoder, v reflect.Value) {
			if d.Bool() {
				p := reflect.New(t.Elem())
				elem.read(d, p.Elem())
				v.Set(p.Convert(t))
			}
		}
}
