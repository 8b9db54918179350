package pingo

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/transport"
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

// Before the end, the host hears of everything that waits, and of what was dropped.
func TestDroppedRecordsAreToldBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe() // which nobody reads at first
		s := &logSender{conn: conn.New(transport.FromConn(ours), conn.Config{}), limit: 1 << 20}
		defer s.conn.Close(nil)
		record := encodeLog(nil, slog.Record{Message: strings.Repeat("x", 20_000)})
		n := 0
		for ; s.dropped < 10; n++ {
			require.True(t, s.add(record))
		}
		flushed := false
		s.flushAll(func() { flushed = true })
		time.Sleep(time.Minute)
		require.False(t, flushed)

		var h counting
		r := newLogReceiver(func() slog.Handler { return &h })
		peer := conn.New(transport.FromConn(theirs), conn.Config{Lookup: func(string, bool) (codec.Handler, error) { return r.handle, nil }})
		defer peer.Close(nil)
		time.Sleep(time.Minute)
		s.mu.Lock()
		defer s.mu.Unlock()
		require.True(t, flushed)
		require.Zero(t, s.flying)
		require.Equal(t, 10, h.dropped)
		require.Equal(t, n, h.records+h.dropped)
	})
}

// counting is a handler that counts records, and those that were dropped.
type counting struct {
	slog.Handler
	records, dropped int
}

func (*counting) Enabled(context.Context, slog.Level) bool { return true }

func (h *counting) Handle(_ context.Context, r slog.Record) error {
	told := false
	r.Attrs(func(a slog.Attr) bool {
		if told = a.Key == "dropped"; told {
			h.dropped += int(a.Value.Int64())
		}
		return !told
	})
	if !told {
		h.records++
	}
	return nil
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
