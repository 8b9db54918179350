package pingo

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"slices"

	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// LogHandler returns a handler whose records go to the host of this plugin, through the
// connection, and from there to Config.LogHandler: with time, level, message, groups and attributes,
// and the place in the source as an attribute named [slog.SourceKey], since an address means nothing
// in another process. Run and Serve make it the handler of slog.Default, unless the program
// has set another, so that slog.Info and the like just arrive. Package log is left as it is.
//
// Nobody who logs waits for the host: a record that it does not take in time is dropped, and the
// host is told how many were. What the host would not log, at its level, is not sent. As
// long as there is no connection, records go to stderr as text.
func LogHandler() slog.Handler { return logHandler{} }

// logHandler is a handler that puts a record together and leaves the rest to theLogs.
type logHandler struct {
	scopes []logScope // outermost first
}

// logScope is what one WithGroup or WithAttrs has added.
type logScope struct {
	group string // or else
	attrs []slog.Attr
}

// stderrLog takes records while there is no connection. It does not go through
// package log, whose lock may be held by who logs.
var stderrLog = slog.NewTextHandler(os.Stderr, nil)

// Enabled implements slog.Handler.
func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	if !theLogs.connected.Load() {
		return stderrLog.Enabled(ctx, level)
	}
	return theLogs.takes(level)
}

// Handle implements slog.Handler.
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	r = h.within(r)
	if theLogs.connected.Load() && theLogs.add(encodeLog(metadata.From(ctx), r)) {
		return nil
	}
	return stderrLog.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(logScope{attrs: attrs})
}

// WithGroup implements slog.Handler.
func (h logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(logScope{group: name})
}

func (h logHandler) with(s logScope) logHandler {
	return logHandler{append(slices.Clip(h.scopes), s)}
}

// within puts the record's attributes into the groups that h has opened.
func (h logHandler) within(r slog.Record) slog.Record {
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

// setDefaultLog makes LogHandler that of slog.Default, unless somebody has chosen another.
func setDefaultLog() {
	if fmt.Sprintf("%T", slog.Default().Handler()) != "*slog.defaultHandler" {
		return
	}
	w, flags, prefix := log.Writer(), log.Flags(), log.Prefix()
	slog.SetDefault(slog.New(LogHandler()))
	// What log.Fatal says belongs on stderr, where it is read after the end of the plugin.
	log.SetOutput(w)
	log.SetFlags(flags)
	log.SetPrefix(prefix)
}
