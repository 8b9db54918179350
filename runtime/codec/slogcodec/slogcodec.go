// Package slogcodec is what generated code encodes and decodes types of log/slog
// with. Who imports it can have them in an any, too: it registers []slog.Attr, and
// types that are registered may have them as fields. Package codec does not depend on
// log/slog, package pingo does.
package slogcodec

import (
	"log/slog"

	"github.com/pingogen/pingogen/runtime/codec"
)

func init() {
	codec.RegisterNative(EncodeRecord, DecodeRecord)
	codec.RegisterNative(EncodeAttr, DecodeAttr)
	codec.RegisterNative(EncodeValue, DecodeValue)
	codec.RegisterTypeLater[[]slog.Attr]() // a group
}

// EncodeRecord writes a record, without the address that it was logged at.
func EncodeRecord(e *codec.Encoder, v slog.Record) {
	e.Time(v.Time)
	e.Int(int(v.Level))
	e.String(v.Message)
	attrs := make([]slog.Attr, 0, v.NumAttrs())
	v.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	codec.EncodeSlice(e, attrs, EncodeAttr)
}

// DecodeRecord reads a record.
func DecodeRecord(d *codec.Decoder) slog.Record {
	r := slog.Record{Time: d.Time(), Level: slog.Level(d.Int()), Message: d.String()}
	r.AddAttrs(codec.DecodeSlice(d, DecodeAttr)...)
	return r
}

// EncodeAttr writes an attribute.
func EncodeAttr(e *codec.Encoder, v slog.Attr) {
	e.String(v.Key)
	EncodeValue(e, v.Value)
}

// DecodeAttr reads an attribute.
func DecodeAttr(d *codec.Decoder) slog.Attr {
	return slog.Attr{Key: d.String(), Value: DecodeValue(d)}
}

// EncodeValue writes the value of an attribute as what it holds, after LogValue has
// been called. What cannot be sent travels as its text: nobody looks for errors of
// a log.
func EncodeValue(e *codec.Encoder, v slog.Value) { e.AnyOrText(v.Resolve().Any()) }

// DecodeValue reads the value of an attribute. A text takes the place of what is
// not registered here.
func DecodeValue(d *codec.Decoder) slog.Value { return slog.AnyValue(d.AnyOrText()) }
