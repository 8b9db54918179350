package anything

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/require"
)

// logs is a Logs. All of its handlers write to one buffer.
type logs struct {
	mu  sync.Mutex // protects following
	out bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *logs) handler() slog.Handler { return slog.NewJSONHandler(l, nil) }

func (l *logs) Open() (slog.Handler, error) { return l.handler(), nil }

func (l *logs) Take() (all []map[string]any, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for d := json.NewDecoder(&l.out); ; {
		var m map[string]any
		if err := d.Decode(&m); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
}

func (*logs) Log(ctx context.Context, h slog.Handler, message string, args ...any) error {
	log := slog.New(h).With("from", "plugin")
	log.DebugContext(ctx, "not enabled")
	log.InfoContext(ctx, message, args...)
	return nil
}

// The suite of the standard library, for a handler that a plugin serves.
func TestHandlerServed(t *testing.T) {
	p := start(t)
	logs := NewLogsClient(p)
	results := func() []map[string]any {
		all, err := logs.Take()
		require.NoError(t, err)
		return all
	}
	require.NoError(t, slogtest.TestHandler(NewHandlerClient(p), results))

	byReference, err := logs.Open()
	require.NoError(t, err)
	require.NoError(t, slogtest.TestHandler(byReference, results))
}

func TestHandlerServedRun(t *testing.T) {
	p := start(t)
	h, logs := NewHandlerClient(p), NewLogsClient(p)
	slogtest.Run(t, func(*testing.T) slog.Handler { return h }, func(t *testing.T) map[string]any {
		all, err := logs.Take()
		require.NoError(t, err)
		require.Len(t, all, 1)
		return all[0]
	})
}

// recorder keeps the records that it handles.
type recorder struct {
	attrs   []slog.Attr
	records *[]slog.Record
}

func (recorder) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (r recorder) WithGroup(string) slog.Handler { return r }

func (r recorder) WithAttrs(attrs []slog.Attr) slog.Handler {
	r.attrs = append(r.attrs, attrs...)
	return r
}

func (r recorder) Handle(_ context.Context, record slog.Record) error {
	record.AddAttrs(r.attrs...)
	*r.records = append(*r.records, record)
	return nil
}

// A plugin logs to a handler of the host. Values keep their types and errors their
// identity; a type that is not registered costs its value, not the record.
func TestHandlerOfHost(t *testing.T) {
	p := start(t)
	var records []slog.Record
	at := time.Now()
	err := NewLogsClient(p).Log(t.Context(), recorder{records: &records}, "message",
		"thing", Thing{Name: "a"}, "err", errors.Join(io.ErrUnexpectedEOF), "level", Level(2), "int", 7)
	require.NoError(t, err)
	require.Len(t, records, 1)
	r := records[0]
	require.Equal(t, "message", r.Message)
	require.Equal(t, slog.LevelInfo, r.Level)
	require.WithinDuration(t, at, r.Time, time.Minute)
	require.Zero(t, r.PC)
	got := map[string]slog.Value{}
	r.Attrs(func(a slog.Attr) bool {
		got[a.Key] = a.Value
		return true
	})
	require.Equal(t, "plugin", got["from"].String())
	require.Equal(t, Thing{Name: "a"}, got["thing"].Any())
	require.Equal(t, Level(2), got["level"].Any())
	require.Equal(t, int64(7), got["int"].Any())
	require.ErrorIs(t, got["err"].Any().(error), io.ErrUnexpectedEOF)
}

func TestUnregisteredIsLogged(t *testing.T) {
	p := start(t)
	log := slog.New(NewHandlerClient(p))
	log.Info("message", "a", struct{ A int }{1}, "b", hostOnly{2}, "c", fmt.Errorf("c: %w", io.EOF), "d", Level(4))
	all, err := NewLogsClient(p).Take()
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, "message", all[0]["msg"])
	require.Equal(t, "{A:1}", all[0]["a"])
	require.Contains(t, all[0]["b"], "anything.hostOnly in an any: the type is not registered here")
	require.Equal(t, "c: EOF", all[0]["c"])
	require.Equal(t, 4.0, all[0]["d"])
}

func TestAttrs(t *testing.T) {
	c := NewAnythingClient(start(t))
	r := slog.NewRecord(time.Unix(1, 2).UTC(), slog.LevelError, "m", 0)
	r.AddAttrs(slog.Int("a", 1), slog.Group("g", slog.Any("t", Thing{Name: "x"})))
	attrs := []slog.Attr{slog.Duration("d", time.Second), {}}
	v := slog.Float64Value(1.5)
	gotR, gotA, gotV, err := c.Attrs(t.Context(), r, attrs, &v)
	require.NoError(t, err)
	require.Equal(t, r, gotR)
	require.Equal(t, attrs, gotA)
	require.Equal(t, &v, gotV)
}
