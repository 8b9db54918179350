package codec

import "fmt"

// AnyOrText writes v as Any does. What cannot be sent travels as its text, for
// logs, of which nobody looks for errors.
func (e *Encoder) AnyOrText(v any) {
	if e.err != nil {
		return
	}
	start, depth := len(e.buf), e.depth
	e.asText++
	e.copied(func() { e.Any(v) })
	e.asText--
	if e.err == nil || e.err == errDepth && e.asText > 0 { // at each level again would take forever
		return
	}
	text := "(" + errDepth.Error() + ")"
	if e.err != errDepth { // otherwise it may be endless
		text = fmt.Sprintf("%+v", v)
	}
	e.buf, e.depth, e.err = e.buf[:start], depth, nil
	e.Any(text)
}

// AnyOrText reads what AnyOrText or Any wrote. A text takes the place of a value
// whose type is not registered here, and says so.
func (d *Decoder) AnyOrText() any {
	if d.unknown == unknownFails {
		d.unknown = unknownTold
		defer func() { d.unknown = unknownFails }()
	}
	return d.Any()
}
