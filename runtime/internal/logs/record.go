package logs

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/codec/slogcodec"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// encode writes a record at once, since what it mentions may change when who logs goes on.
func encode(pairs []metadata.Pair, r slog.Record) (b []byte) {
	defer func() {
		if v := recover(); v != nil { // in a method of an attribute; a log's handler does not panic for that
			plain := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
			plain.AddAttrs(slog.String("!PANIC", fmt.Sprint(v)))
			b = encode(nil, plain)
		}
	}()
	var e codec.Encoder
	e.Reset(make([]byte, 0, 512))
	codec.EncodeSlice(&e, pairs, func(e *codec.Encoder, p metadata.Pair) {
		e.String(p.Key)
		e.String(p.Value)
	})
	src := r.Source()
	if src == nil {
		src = &slog.Source{}
	}
	e.String(src.Function)
	e.String(src.File)
	e.Int(src.Line)
	slogcodec.EncodeRecord(&e, r)
	return e.Buffer()
}

// decode reads a record, and what its context carried.
func decode(ctx context.Context, b []byte) (context.Context, slog.Record, error) {
	var d codec.Decoder
	d.Reset(b, true)
	pairs := codec.DecodeSlice(&d, func(d *codec.Decoder) metadata.Pair {
		return metadata.Pair{Key: d.String(), Value: d.String()}
	})
	src := slog.Source{Function: d.String(), File: d.String(), Line: d.Int()}
	r := slogcodec.DecodeRecord(&d)
	if src != (slog.Source{}) {
		r.AddAttrs(slog.Any(slog.SourceKey, &src))
	}
	if len(pairs) > 0 {
		ctx = context.WithValue(ctx, metadata.Key{}, pairs)
	}
	return ctx, r, d.Err()
}
