package codec

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"time"
)

type record struct {
	ID      int64
	Name    string
	Score   float64
	A, B, C string
	At      time.Time
}

func encodeRecord(e *Encoder, v *record) {
	e.Fields().
		Int64(v.ID).
		String(v.Name).
		Float64(v.Score).
		String(v.A).
		String(v.B).
		String(v.C).
		Time(v.At).
		End()
}

func decodeRecord(d *Decoder, v *record) {
	d.Fields().
		Int64(&v.ID).
		String(&v.Name).
		Float64(&v.Score).
		String(&v.A).
		String(&v.B).
		String(&v.C).
		Time(&v.At).
		End()
}

// BenchmarkRecords encodes and decodes 100 records, beside encoding/gob with a
// stream that has sent its types already.
func BenchmarkRecords(b *testing.B) {
	var in []record
	for i := range 100 {
		in = append(in, record{int64(i) << 20, fmt.Sprintf("name%012d", i), float64(i) / 3, "abc", "defg", "hi", time.Unix(int64(i), 5).UTC()})
	}
	b.Run("codec", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			var e Encoder
			e.Reset(buf[:0])
			EncodeStructs(&e, in, encodeRecord)
			buf = e.Buffer()
			var d Decoder
			d.Reset(buf, false)
			if out := DecodeStructs(&d, decodeRecord); len(out) != len(in) {
				b.Fatal(d.Err())
			}
		}
	})
	b.Run("gob", func(b *testing.B) {
		b.ReportAllocs()
		var buf bytes.Buffer
		enc, dec := gob.NewEncoder(&buf), gob.NewDecoder(&buf)
		for b.Loop() {
			var out []record
			if err := enc.Encode(in); err != nil {
				b.Fatal(err)
			}
			if err := dec.Decode(&out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSmall is what a small call encodes and decodes.
func BenchmarkSmall(b *testing.B) {
	b.ReportAllocs()
	buf := make([]byte, 0, 64)
	for b.Loop() {
		var e Encoder
		e.Reset(buf[:0])
		e.String("0123456789abcdef")
		e.Int64(12345)
		var d Decoder
		d.Reset(e.Buffer(), false)
		if s, n := d.String(), d.Int64(); s == "" || n == 0 {
			b.Fatal(d.Err())
		}
	}
}

// BenchmarkError lets errors cross, as a failed call does.
func BenchmarkError(b *testing.B) {
	for name, err := range map[string]error{
		"variable": io.EOF,
		"typed":    &fs.PathError{Op: "open", Path: "/etc/none", Err: fs.ErrNotExist},
		"unknown":  fmt.Errorf("reading the settings: %w", errors.New("no settings")),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				var e Encoder
				e.Reset(buf[:0])
				e.Error(err)
				buf = e.Buffer()
				var d Decoder
				d.Reset(buf, false)
				if d.Error() == nil {
					b.Fatal(d.Err())
				}
			}
		})
	}
}
