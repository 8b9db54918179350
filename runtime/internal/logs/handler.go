package logs

import (
	"context"
	"log/slog"
	"os"
	"slices"

	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// Handler returns a handler whose records s takes, or stderr as long as s has no connection.
func (s *Sender) Handler() slog.Handler { return handler{sender: s} }

// handler puts a record together and leaves the rest to its sender.
type handler struct {
	sender *Sender
	scopes []scope // outermost first
}

// scope is what one WithGroup or WithAttrs has added.
type scope struct {
	group string // or else
	attrs []slog.Attr
}

// stderrLog takes records while there is no connection. It does not go through
// package log, whose lock may be held by who logs.
var stderrLog = slog.NewTextHandler(os.Stderr, nil)

// Enabled implements slog.Handler.
func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	if !h.sender.connected.Load() {
		return stderrLog.Enabled(ctx, level)
	}
	return h.sender.takes(level)
}

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	r = h.within(r)
	if h.sender.connected.Load() && h.sender.add(encode(metadata.From(ctx), r)) {
		return nil
	}
	return stderrLog.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(scope{attrs: attrs})
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(scope{group: name})
}

func (h handler) with(s scope) handler {
	return handler{h.sender, append(slices.Clip(h.scopes), s)}
}

// within puts the record's attributes into the groups that h has opened.
func (h handler) within(r slog.Record) slog.Record {
	if len(h.scopes) == 0 {
		return r
	}
	var attrs []slog.Attr
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for _, s := range slices.Backward(h.scopes) {
		switch {
		case s.group == "":
			attrs = slices.Concat(s.attrs, attrs)
		case len(attrs) > 0:
			attrs = []slog.Attr{{Key: s.group, Value: slog.GroupValue(attrs...)}}
		}
	}
	in := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	in.AddAttrs(attrs...)
	return in
}
