package codec

// Encode writes the contract, for the handshake.
func (c *Contract) Encode(e *Encoder) {
	e.String(c.Name)
	e.String(c.Package)
	EncodeSlice(e, c.Methods, func(e *Encoder, m Method) {
		e.String(m.Name)
		e.String(m.Signature)
		e.Uint64(m.Fingerprint)
	})
	EncodeSlice(e, c.Types, func(e *Encoder, t Type) {
		e.String(t.Name)
		e.String(t.Definition)
	})
}

// Decode reads what Encode wrote.
func (c *Contract) Decode(d *Decoder) {
	c.Name = d.String()
	c.Package = d.String()
	c.Methods = DecodeSlice(d, func(d *Decoder) Method {
		return Method{Name: d.String(), Signature: d.String(), Fingerprint: d.Uint64()}
	})
	c.Types = DecodeSlice(d, func(d *Decoder) Type {
		return Type{Name: d.String(), Definition: d.String()}
	})
}
