package logs

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Before the end, the host hears of everything that waits, and of what was dropped.
func TestDroppedRecordsAreToldBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe() // which nobody reads at first
		s := &Sender{conn: conn.New(transport.FromConn(ours), conn.Config{}), limit: 1 << 20}
		defer s.conn.Close(nil)
		record := encode(nil, slog.Record{Message: strings.Repeat("x", 20_000)})
		n := 0
		for ; s.dropped < 10; n++ {
			require.True(t, s.add(record))
		}
		flushed := false
		s.Flush(func() { flushed = true })
		time.Sleep(time.Minute)
		require.False(t, flushed)

		var h counting
		r := NewReceiver(func() slog.Handler { return &h })
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
