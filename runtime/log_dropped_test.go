package pingo_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the host would not log is not sent, and it may change its mind.
func TestLevelIsKnownToThePlugin(t *testing.T) {
	p, a, _ := logging(t)
	enabled := func(level slog.Level) func() string {
		return func() string {
			var yes bool
			require.NoError(t, p.Call("Scribe.Enabled", int(level), &yes))
			return fmt.Sprint(yes)
		}
	}
	a.Set(slog.LevelWarn)
	require.NoError(t, p.Call("Scribe.Count", 1, nil))
	require.NoError(t, p.Call("Scribe.Say", "loud", nil))
	a.await(t, "loud")
	require.Len(t, a.read(), 1)
	eventually(t, "the plugin hears of the level", enabled(slog.LevelWarn-1), "false")
	require.Equal(t, "true", enabled(slog.LevelWarn)())
	a.Set(slog.LevelDebug - 7)
	eventually(t, "the plugin hears of the lower level", enabled(slog.LevelDebug-7), "true")
	eventually(t, "the plugin hears of the bound", enabled(slog.LevelDebug-8), "false")
	p.Stop()
}

// A host that does not keep up holds up nobody, and learns what it has missed.
func TestRecordsAreDroppedRatherThanWaitedFor(t *testing.T) {
	const n = 50_000
	p, a, _ := logging(t)
	a.open.Lock()
	within(t, "who logs", func() { require.NoError(t, p.Call("Scribe.Count", n, nil)) })
	a.open.Unlock()
	within(t, "Stop", p.Stop)
	seen, dropped, last := 0, 0, int64(-1)
	for _, r := range a.read() {
		r.Attrs(func(attr slog.Attr) bool {
			switch attr.Key {
			case "dropped":
				require.Equal(t, slog.LevelWarn, r.Level)
				dropped += int(attr.Value.Int64())
			case "i":
				seen++
				require.Greater(t, attr.Value.Int64(), last, "out of order")
				last = attr.Value.Int64()
			}
			return true
		})
	}
	require.Positive(t, dropped)
	require.Equal(t, n, seen+dropped)
	require.Less(t, seen, n/2, "memory is bounded")
}

func TestRecordThatIsTooLarge(t *testing.T) {
	cfg, _ := setup(t, "scribe")
	a := &archive{}
	cfg.LogHandler, cfg.MaxMessage = a, 4096
	p := start(t, cfg)
	require.NoError(t, p.Call("Scribe.Large", 10_000, nil))
	require.NoError(t, p.Call("Scribe.Count", 1, nil))
	within(t, "Stop", p.Stop)
	require.Contains(t, a.await(t, "records of the plugin were dropped: it logs faster than the host takes them"), "dropped=1")
	a.await(t, "count")
}
