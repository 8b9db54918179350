package pingo_test

import (
	"encoding/json"
	"io/fs"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestRecordsArrive(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "scribe")
		a := &archive{}
		cfg.LogHandler = a
		use(&cfg, transport)
		p := start(t, cfg)
		before := time.Now()
		require.NoError(t, p.Call("Scribe.Say", "hello", nil))
		require.Equal(t, `level=WARN msg=hello a=1 g.b=true g.err="wrapped: file does not exist" g.took=1s g.lazy=resolved g.odd={N:3} g.h.c=2.5 source=scribe_test.go:Say`, a.await(t, "hello"))
		r := a.read()[0]
		require.WithinRange(t, r.Time, before.Add(-time.Second), time.Now().Add(time.Second))
		r.Attrs(func(attr slog.Attr) bool {
			if attr.Key == "g" {
				require.ErrorIs(t, attr.Value.Group()[1].Value.Any().(error), fs.ErrNotExist)
				require.Equal(t, slog.KindDuration, attr.Value.Group()[2].Value.Kind())
			}
			return true
		})
		require.NoError(t, p.Call("Scribe.Grumble", "so", nil))
		require.Contains(t, a.await(t, "so"), "no text today")
		require.NoError(t, p.Call("Scribe.Print", "by package log", nil))
		rec.awaitFunc(func(lines []string, _ []error) bool {
			return strings.Contains(strings.Join(lines, "\n"), "by package log")
		})
		require.NoError(t, p.Call("Scribe.Carry", "7", nil))
		a.await(t, "carried")
		a.mu.Lock()
		defer a.mu.Unlock()
		require.Equal(t, []string{"", "", "7"}, a.carried)
	})
}

func TestLogHandlerPassesSlogtest(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	cfg, _ := setup(t, "scribe")
	cfg.LogHandler = slog.NewJSONHandler(file, nil)
	p := start(t, cfg)
	var problems string
	require.NoError(t, p.Call("Scribe.Slogtest", file.Name(), &problems))
	require.Empty(t, problems)
	p.Stop()
}

func TestRecordsArriveBeforeStopReturns(t *testing.T) {
	p, a, rec := logging(t)
	require.NoError(t, p.Call("Scribe.Large", 1_000_000, nil)) // which travels in chunks
	require.NoError(t, p.Call("Scribe.Large", 1_000_000, nil))
	require.NoError(t, p.Call("Scribe.Count", 1000, nil))
	var late sync.WaitGroup
	late.Go(func() { _ = p.Call("Scribe.LogLate", 1_000_000, nil) })
	rec.await("waiting")
	within(t, "Stop", p.Stop)
	late.Wait()
	require.Len(t, a.read(), 1003)
}

func TestOwnLoggerOfAPlugin(t *testing.T) {
	p, a, rec := logging(t, "own")
	require.NoError(t, p.Call("Scribe.Say", "to stderr", nil))
	rec.awaitFunc(func(lines []string, _ []error) bool {
		text := strings.Join(lines, "\n")
		return strings.Contains(text, "too early") && strings.Contains(text, "to stderr")
	})
	p.Stop()
	require.Empty(t, a.read())
}

// attributed is an archive that notes the attribute "plugin".
type attributed struct {
	archive
	plugin atomic.Value
}

func (a *attributed) WithAttrs(attrs []slog.Attr) slog.Handler {
	a.plugin.Store(attrs[0].Value.String())
	return a
}

func TestDefaultOfTheHostTakesRecords(t *testing.T) {
	a := &attributed{}
	old := slog.Default()
	defer func() {
		slog.SetDefault(old)
		log.SetOutput(os.Stderr)
		log.SetFlags(log.LstdFlags)
	}()
	slog.SetDefault(slog.New(a))
	cfg, _ := setup(t, "scribe")
	p := start(t, cfg)
	require.NoError(t, p.Call("Scribe.Say", "hello", nil))
	within(t, "Stop", p.Stop)
	a.await(t, "hello")
	require.Equal(t, p.String(), a.plugin.Load())
}

// Who has one handler for several plugins learns whose a record is.
func TestRecordsSayWhoseTheyAre(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	var names []string
	for _, arg := range []string{"one", "two"} {
		cfg, _ := setup(t, "scribe", arg)
		cfg.LogHandler = slog.NewJSONHandler(file, nil)
		p := start(t, cfg)
		names = append(names, p.String())
		require.NoError(t, p.Call("Scribe.Say", "hello", nil))
		within(t, "Stop", p.Stop)
	}
	content, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	var plugins []string
	for line := range strings.Lines(string(content)) {
		var record struct{ Plugin, Msg string }
		require.NoError(t, json.Unmarshal([]byte(line), &record))
		require.Equal(t, "hello", record.Msg)
		plugins = append(plugins, record.Plugin)
	}
	require.Equal(t, names, plugins)
}

func TestRecordsOfAllProcessesArrive(t *testing.T) {
	cfg, _ := setup(t, "scribe")
	a := &archive{}
	cfg.LogHandler, cfg.Restart, cfg.RestartDelay = a, pingo.RestartOnFailure, time.Millisecond
	p := start(t, cfg)
	require.NoError(t, p.Call("Scribe.Say", "one", nil))
	a.await(t, "one") // processes do not wait for each other's records
	require.Error(t, p.Call("Lab.Exit", 1, nil))
	require.NoError(t, p.Call("Scribe.Say", "two", nil))
	a.await(t, "two")
	require.NoError(t, p.Swap(t.Context(), cfg.Path))
	require.NoError(t, p.Call("Scribe.Say", "three", nil))
	within(t, "Stop", p.Stop)
	for i, want := range []string{"one", "two", "three"} {
		require.Equal(t, want, a.read()[i].Message)
	}
}
