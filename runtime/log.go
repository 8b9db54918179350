package pingo

import (
	"fmt"
	"log"
	"log/slog"

	"github.com/pingogen/pingogen/runtime/internal/logs"
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
func LogHandler() slog.Handler { return theLogs.Handler() }

// theLogs takes this plugin's records to its host.
var theLogs logs.Sender

// connectLogs has records go to a host that takes them.
func connectLogs(l *link) {
	if contractNamed(l.peer.Contracts, logs.Contract.Name) == nil {
		return
	}
	theLogs.Connect(l.conn, l.limit)
	setDefaultLog()
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

// logHandler is where the records go of the plugin's process of this name.
func (p *Plugin) logHandler(name string) slog.Handler {
	h := p.cfg.LogHandler
	if h == nil {
		h = slog.Default().Handler()
	}
	return h.WithAttrs([]slog.Attr{slog.String("plugin", name)})
}
