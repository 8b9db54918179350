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
	"testing"
	"testing/slogtest"
	"time"

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
