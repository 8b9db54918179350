package logs

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net"
	"testing"
	"testing/slogtest"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// connected returns a Sender whose records go to h.
func connected(t *testing.T, h slog.Handler) *Sender {
	ours, theirs := net.Pipe()
	s := NewReceiver(func() slog.Handler { return h }).Service()
	host := conn.New(transport.FromConn(theirs), conn.Config{Lookup: func(string, bool) (codec.Handler, error) { return s.Handlers[0], nil }})
	t.Cleanup(func() { host.Close(nil) })
	plugin := conn.New(transport.FromConn(ours), conn.Config{})
	t.Cleanup(func() { plugin.Close(nil) })
	var sender Sender
	sender.Connect(plugin, 1<<20)
	return &sender
}

// A handler beyond a connection is one like any other.
func TestHandlerPassesSlogtest(t *testing.T) {
	var text bytes.Buffer
	s := connected(t, slog.NewJSONHandler(&text, nil))
	results := func() (list []map[string]any) {
		_ = s.conn.Drain(t.Context()) // which all answers come before
		for line := range bytes.Lines(text.Bytes()) {
			m := map[string]any{}
			require.NoError(t, json.Unmarshal(line, &m))
			list = append(list, m)
		}
		return list
	}
	require.NoError(t, slogtest.TestHandler(s.Handler(), results))
}
