package codec

// EncodeReference is EncodePointer for structs, and for types that must not be copied:
// elem gets the pointer itself. The bytes are the same.
func EncodeReference[T any](e *Encoder, p *T, elem func(*Encoder, *T)) {
	e.Bool(p != nil)
	if p != nil {
		elem(e, p)
	}
}

// DecodeReference is DecodePointer for structs, and for types that must not be copied:
// elem fills the value where it stays.
func DecodeReference[T any](d *Decoder, elem func(*Decoder, *T)) *T {
	if !d.Bool() {
		return nil
	}
	p := new(T)
	elem(d, p)
	return p
}
