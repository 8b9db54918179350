package codec

import (
	"fmt"
	"log/slog"
)

// SlogRecord writes a record of package log/slog, without the address that it was
// logged at.
func (e *Encoder) SlogRecord(v slog.Record) {
	e.Time(v.Time)
	e.Int(int(v.Level))
	e.String(v.Message)
	e.count(v.NumAttrs(), false)
	v.Attrs(func(a slog.Attr) bool {
		e.SlogAttr(a)
		return true
	})
}

// SlogRecord reads a record.
func (d *Decoder) SlogRecord() slog.Record {
	r := slog.Record{Time: d.Time(), Level: slog.Level(d.Int()), Message: d.String()}
	r.AddAttrs(DecodeSlice(d, (*Decoder).SlogAttr)...)
	return r
}

// SlogAttr writes an attribute.
func (e *Encoder) SlogAttr(v slog.Attr) {
	e.String(v.Key)
	e.SlogValue(v.Value)
}

// SlogAttr reads an attribute.
func (d *Decoder) SlogAttr() slog.Attr { return slog.Attr{Key: d.String(), Value: d.SlogValue()} }

// SlogValue writes the value of an attribute as what it holds, after LogValue has
// been called. What cannot be sent travels as its text: nobody looks for errors of
// a log.
func (e *Encoder) SlogValue(v slog.Value) {
	if e.err != nil {
		return
	}
	v = v.Resolve()
	start, depth := len(e.buf), e.depth
	e.logging++
	e.Any(v.Any())
	e.logging--
	if e.err == nil || e.err == errDepth && e.logging > 0 { // at each level again would take forever
		return
	}
	text := "(" + errDepth.Error() + ")"
	if e.err != errDepth { // otherwise it may be endless
		text = fmt.Sprintf("%+v", v.Any())
	}
	e.buf, e.depth, e.err = e.buf[:start], depth, nil
	e.Any(text)
}

// SlogValue reads the value of an attribute. A text takes the place of what is not
// registered here.
func (d *Decoder) SlogValue() slog.Value {
	if d.unknown == unknownFails {
		d.unknown = unknownTold
		defer func() { d.unknown = unknownFails }()
	}
	return slog.AnyValue(d.Any())
}
