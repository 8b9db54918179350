package pingo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Scribe is an object that logs.
type Scribe struct{}

// lazy is resolved in the plugin.
type lazy struct{}

func (lazy) LogValue() slog.Value { return slog.StringValue("resolved") }

type grumpy struct{}

func (grumpy) Error() string { panic("no text today") }

func (*Scribe) Say(text string, _ *int) error {
	slog.With("a", 1).WithGroup("g").With("b", true).Warn(text,
		"err", fmt.Errorf("wrapped: %w", fs.ErrNotExist), "took", time.Second, "lazy", lazy{}, "odd", struct{ N int }{3}, slog.Group("h", "c", 2.5))
	return nil
}

func (*Scribe) Grumble(text string, _ *int) error { slog.Info(text, "v", grumpy{}); return nil }

// Count logs numbers, as fast as it can.
func (*Scribe) Count(n int, _ *int) error {
	for i := range n {
		slog.Info("count", "i", i)
	}
	return nil
}

func (*Scribe) Enabled(level int, r *bool) error {
	*r = slog.Default().Enabled(context.Background(), slog.Level(level))
	return nil
}

// Large logs n bytes.
func (*Scribe) Large(n int, _ *int) error { slog.Info(strings.Repeat("x", n)); return nil }

// LogLate logs n bytes as the last thing before its call is over, which is when the host has begun to stop the plugin.
func (*Scribe) LogLate(n int, _ *int) error {
	fmt.Println("waiting")
	for !pingo.Stopping() {
		runtime.Gosched()
	}
	slog.Info(strings.Repeat("x", n))
	return nil
}

func (*Scribe) Carry(value string, _ *int) error {
	slog.InfoContext(pingo.WithMetadata(context.Background(), "request", value), "carried")
	return nil
}

func (*Scribe) Die(text string, _ *int) error {
	slog.Error(text)
	os.Exit(3)
	return nil
}

func (*Scribe) Print(text string, _ *int) error { log.Print(text); return nil }

// Slogtest tests LogHandler, where the host's writes to a file.
func (*Scribe) Slogtest(file string, problems *string) error {
	results := func() []map[string]any {
		slog.New(pingo.LogHandler()).Info("the end")
		var list []map[string]any
		for {
			content, _ := os.ReadFile(file)
			if !bytes.Contains(content, []byte("the end")) || !bytes.HasSuffix(content, []byte("\n")) {
				runtime.Gosched()
				continue
			}
			for line := range bytes.Lines(content) {
				m := map[string]any{}
				if err := json.Unmarshal(line, &m); err != nil {
					panic(err)
				}
				list = append(list, m)
			}
			return list[:len(list)-1]
		}
	}
	if err := slogtest.TestHandler(pingo.LogHandler(), results); err != nil {
		*problems = err.Error()
	}
	return nil
}

var _ = helper("scribe", func() {
	if len(os.Args) > 1 && os.Args[1] == "own" {
		slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	}
	slog.New(pingo.LogHandler()).Info("too early")
	pingo.Register(new(Scribe))
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

// archive is a handler that keeps records, and holds up who logs while it is locked.
type archive struct {
	slog.LevelVar
	open sync.Mutex

	mu      sync.Mutex
	records []slog.Record
	carried []string
}

func (a *archive) Enabled(_ context.Context, l slog.Level) bool { return l >= a.Level() }

func (a *archive) Handle(ctx context.Context, r slog.Record) error {
	a.open.Lock()
	defer a.open.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.records = append(a.records, r)
	a.carried = append(a.carried, pingo.Metadata(ctx)["request"])
	return nil
}

func (a *archive) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a *archive) WithGroup(string) slog.Handler      { return a }

func (a *archive) read() []slog.Record {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.records
}

// await waits for a record, and returns it as text without its source.
func (a *archive) await(t *testing.T, message string) string {
	t.Helper()
	var text strings.Builder
	eventually(t, "no record "+message, func() string {
		for _, r := range a.read() {
			if r.Message == message {
				r.Time = time.Time{}
				text.Reset()
				_ = slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					if src, ok := a.Value.Any().(*slog.Source); ok {
						return slog.String(a.Key, filepath.Base(src.File)+":"+filepath.Ext(src.Function)[1:])
					}
					return a
				}}).Handle(context.Background(), r)
				return "there"
			}
		}
		return ""
	}, "there")
	return strings.TrimSpace(text.String())
}

func logging(t *testing.T, args ...string) (*pingo.Plugin, *archive, *recorder) {
	t.Helper()
	cfg, rec := setup(t, "scribe", args...)
	a := &archive{}
	cfg.LogHandler = a
	return start(t, cfg), a, rec
}

func TestRecordsArrive(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "scribe")
		a := &archive{}
		cfg.LogHandler = a
		use(&cfg, transport)
		p := start(t, cfg)
		before := time.Now()
		require.NoError(t, p.Call("Scribe.Say", "hello", nil))
		require.Equal(t, `level=WARN msg=hello a=1 g.b=true g.err="wrapped: file does not exist" g.took=1s g.lazy=resolved g.odd={N:3} g.h.c=2.5 source=log_test.go:Say`, a.await(t, "hello"))
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
