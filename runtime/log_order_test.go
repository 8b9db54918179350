package pingo

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// receive passes one call with one record to r.
func receive(ctx context.Context, r *logReceiver, seq uint64) error {
	record := encodeLog(nil, slog.Record{Message: strconv.Itoa(int(seq))})
	var in, out codec.Encoder
	in.Message(&logBatch{seq: seq, records: [][]byte{record}})
	var dec codec.Decoder
	dec.Reset(in.Buffer(), true)
	return r.handle(ctx, &dec, &out)
}

func TestRecordsKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		h := slog.NewTextHandler(&text, nil)
		r := newLogReceiver(func() slog.Handler { return h })
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
