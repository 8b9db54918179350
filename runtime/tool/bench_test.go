package tool_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/tool"
)

func TestBench(t *testing.T) {
	s := open(t, "hello")
	m, err := s.Bench(t.Context(), "SayHello", []string{`"x"`}, tool.Bench{Callers: 4, Calls: 1000, Duration: time.Minute})
	require.NoError(t, err)
	require.Equal(t, 1000, m.Calls)
	require.Equal(t, "Greeter.SayHello", m.Method)
	require.Zero(t, m.Errors)
	require.Positive(t, m.PerSecond())
	require.LessOrEqual(t, m.Quantile(0.5), m.Quantile(0.99))
	var out bytes.Buffer
	require.NoError(t, m.WriteText(&out))
	require.Regexp(t, `^Greeter.SayHello: 1000 calls in .*, 4 at once: \d+/s\n  p50   .*\n  p90   .*\n  p99   .*\n  p99.9 .*\n  max   .*\n\n( +[>=]* +[^ ]+s \|#* +\d+\n)+$`, out.String())
	b, err := json.Marshal(m)
	require.NoError(t, err)
	var read map[string]any
	require.NoError(t, json.Unmarshal(b, &read))
	require.Equal(t, 1000.0, read["calls"])
	require.Contains(t, read["latency"], "p99.9")
}

func TestBenchOfFailures(t *testing.T) {
	s := open(t, "hello")
	m, err := s.Bench(t.Context(), "SayHello", []string{`""`}, tool.Bench{Calls: 10})
	require.NoError(t, err)
	require.Equal(t, 10, m.Errors)
	require.EqualError(t, m.Error, "nobody to greet")
	_, err = s.Bench(t.Context(), "SayHello", nil, tool.Bench{})
	require.ErrorAs(t, err, new(*tool.ArgumentError))
}

func TestBenchEndsInTime(t *testing.T) {
	s := open(t, "hello")
	told := 0
	m, err := s.Bench(t.Context(), "SayHello", []string{`"x"`}, tool.Bench{Duration: 1500 * time.Millisecond, Progress: func(time.Duration, int, int) { told++ }})
	require.NoError(t, err)
	require.GreaterOrEqual(t, m.Took, 1500*time.Millisecond)
	require.Positive(t, told)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Bench(ctx, "SayHello", []string{`"x"`}, tool.Bench{})
	require.ErrorIs(t, err, context.Canceled)
}
