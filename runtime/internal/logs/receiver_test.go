package logs

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

func TestRecordsKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		h := slog.NewTextHandler(&text, nil)
		r := NewReceiver(func() slog.Handler { return h })
		var calls sync.WaitGroup
		for _, seq := range []uint64{2, 1, 0} {
			require.Empty(t, text.String())
			calls.Go(func() {
				if err := receive(t.Context(), r, seq); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		calls.Wait()
		require.Equal(t, "level=INFO msg=0\nlevel=INFO msg=1\nlevel=INFO msg=2\n", text.String())

		// When the connection has ended, what was received is logged though something is missing.
		ctx, cancel := context.WithCancel(t.Context())
		calls.Go(func() { _ = receive(ctx, r, 4) })
		synctest.Wait()
		require.NotContains(t, text.String(), "msg=4")
		cancel()
		calls.Wait()
		require.Contains(t, text.String(), "msg=4")

		require.EqualError(t, receive(t.Context(), r, 1<<20), "records are out of order")
	})
}

// receive passes one call with one record to r.
func receive(ctx context.Context, r *Receiver, seq uint64) error {
	record := encode(nil, slog.Record{Message: strconv.Itoa(int(seq))})
	var in, out codec.Encoder
	in.Message(&batch{seq: seq, records: [][]byte{record}})
	var dec codec.Decoder
	dec.Reset(in.Buffer(), true)
	return r.handle(ctx, &dec, &out)
}

// from takes what has a level or a higher one.
type from struct {
	slog.Handler
	level slog.Level
}

func (h *from) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func TestLowestLevelIsFound(t *testing.T) {
	r := NewReceiver(nil)
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelInfo, slog.LevelWarn, -1000, 1 << 16, 1<<16 - 1} {
		require.Equal(t, int64(level), r.lowest(t.Context(), &from{level: level}))
	}
	require.Equal(t, int64(math.MaxInt64), r.lowest(t.Context(), &from{level: 1<<16 + 1}), "it takes none")
	require.Equal(t, int64(math.MinInt64), r.lowest(t.Context(), &from{level: math.MinInt}), "it takes all")
}
