package logs

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// FuzzLog reads anything as what a plugin logs: no panic, and what was read crosses again.
func FuzzLog(f *testing.F) {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, "message", 0)
	r.Add("a", 1, slog.Group("g", "err", io.EOF))
	f.Add(encode([]metadata.Pair{{Key: "k", Value: "v"}}, r))
	var e codec.Encoder
	e.Message(&batch{seq: 1, dropped: 2, records: [][]byte{encode(nil, r)}})
	f.Add(e.Buffer())
	f.Fuzz(func(t *testing.T, b []byte) {
		var d codec.Decoder
		d.Reset(b, true)
		_ = d.Message(&batch{})
		ctx, r, err := decode(context.Background(), b)
		if err != nil {
			return
		}
		again := encode(metadata.Incoming(ctx), r)
		_, r2, err := decode(context.Background(), again)
		require.NoError(t, err)
		require.Equal(t, r.Message, r2.Message)
	})
}
