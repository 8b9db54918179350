package tool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// A call that does not return ends a measurement after twice its time, and is counted.
func TestBenchCutsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		b := &bench{load: Bench{Callers: 1, Duration: time.Second}, call: func(ctx context.Context) error {
			if calls++; calls < 10 {
				time.Sleep(300 * time.Millisecond)
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		require.NoError(t, b.warmUp(t.Context()))
		require.Equal(t, 1, calls, "the first call takes more than a tenth of the duration")
		calls = 7
		begun := time.Now()
		m := b.measure(t.Context())
		require.Equal(t, 2*time.Second, time.Since(begun))
		require.Equal(t, 2, m.Calls)
		require.Equal(t, 1, m.CutOff)
		require.Equal(t, 300*time.Millisecond, m.Quantile(0.5))
		require.Equal(t, 300*time.Millisecond, m.Quantile(1))
		var out bytes.Buffer
		require.NoError(t, m.WriteText(&out))
		require.Contains(t, out.String(), "2 calls in 2s, 1 at once: 1/s\n  1 more had not returned after twice the duration, and were cut off\n")
	})
}

// Calls that are under way when the time is over may return.
func TestBenchWaitsForCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{load: Bench{Callers: 2, Duration: time.Second}, call: func(ctx context.Context) error {
			time.Sleep(1800 * time.Millisecond)
			return errors.New("no luck")
		}}
		require.EqualError(t, b.warmUp(t.Context()), "no call returned within 1s")
		m := b.measure(t.Context())
		require.Equal(t, 1800*time.Millisecond, m.Took)
		require.Equal(t, 2, m.Calls)
		require.Equal(t, 2, m.Errors)
		require.Zero(t, m.CutOff)
	})
}

// Nothing is called any more when the plugin has ended.
func TestBenchEndsWithThePlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		b := &bench{load: Bench{Callers: 1, Duration: time.Hour}, call: func(ctx context.Context) error {
			if calls++; calls < 3 {
				return nil
			}
			return fmt.Errorf("call: %w", &pingo.CrashError{ExitCode: 3})
		}}
		m := b.measure(t.Context())
		require.Equal(t, 3, m.Calls)
		require.Equal(t, 1, m.Errors)
		require.ErrorAs(t, b.warmUp(t.Context()), new(*pingo.CrashError))
		require.Equal(t, 4, calls)
	})
}

// Calls that fail have no latency, and what ended the plugin is told, not what became of
// other calls by that.
func TestBenchOfAPluginThatDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crash := &pingo.CrashError{ExitCode: 3}
		var calls atomic.Int64
		b := &bench{load: Bench{Callers: 2, Duration: time.Hour}, call: func(ctx context.Context) error {
			switch calls.Add(1) {
			case 1, 2:
				time.Sleep(time.Second)
				return nil
			case 3:
				time.Sleep(10 * time.Second)
				return &pingo.CallError{Fate: pingo.MaybeExecuted, Err: crash}
			}
			time.Sleep(9 * time.Second)
			return &pingo.CallError{Fate: pingo.NotDelivered, Err: crash}
		}}
		m := b.measure(t.Context())
		require.Equal(t, 4, m.Calls)
		require.Equal(t, 2, m.Errors)
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(m.Error))
		require.Equal(t, time.Second, m.Quantile(1))
	})
}

// Without a call that did not fail, no latency is shown.
func TestBenchOfFailuresAlone(t *testing.T) {
	m := &Measurement{Method: "A.B", Callers: 1, Took: time.Second, Calls: 2, Errors: 2, Error: errors.New("no luck")}
	var out bytes.Buffer
	require.NoError(t, m.WriteText(&out))
	require.Equal(t, "A.B: 2 calls in 1s, 1 at once: 2/s\n  2 of them failed, the first with: no luck\n", out.String())
	b, err := m.MarshalJSON()
	require.NoError(t, err)
	require.Contains(t, string(b), `"latency":{}`)
}

// Most of few calls is all of them.
func TestQuantilesOfFewCalls(t *testing.T) {
	var h histogram
	for _, d := range []time.Duration{time.Millisecond, 2 * time.Millisecond, 100 * time.Millisecond} {
		h.count(d)
	}
	require.InEpsilon(t, time.Millisecond, h.quantile(0), 0.04)
	require.InEpsilon(t, 2*time.Millisecond, h.quantile(0.5), 0.04)
	require.Equal(t, 100*time.Millisecond, h.quantile(0.99))
	require.Equal(t, 100*time.Millisecond, h.quantile(1))
}
