package tool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Bench says how a method is called to measure it.
type Bench struct {
	Callers  int           // at once; zero means 1, and there are never more than Calls
	Duration time.Duration // zero means 5 seconds; a call that is under way then may take as long again
	Calls    int           // at most; zero means as many as there is time for
	// Progress is told about once a second how far it is. Nil means that nobody wants to know.
	Progress func(elapsed time.Duration, calls, errors int)
}

// Measurement is what came out.
type Measurement struct {
	Method  string
	Callers int
	Took    time.Duration
	Calls   int // that returned, with or without an error
	Errors  int
	Error   error     // the first one, and if it can be one of a call that was delivered
	CutOff  int       // calls that had not returned after twice the duration
	latency histogram // of the calls that did not fail
}

// warmUp is how many calls each caller makes first that are not measured: fewer, if they
// take more than a tenth of the duration.
const warmUp = 50

// Bench calls a method again and again with the same arguments, which are as Call takes
// them, but for "-" where something is read. What comes back is read to its end, and dropped. An error says that it cannot be called like this; those of calls are counted.
func (s *Session) Bench(ctx context.Context, method string, args []string, load Bench) (*Measurement, error) {
	m, err := s.Report.Method(method)
	if err != nil {
		return nil, err
	}
	request, err := m.newRequest(ctx, args, nil) // each call would need all of it
	if err != nil {
		return nil, err
	}
	load.Callers = max(load.Callers, 1)
	if load.Calls > 0 {
		load.Callers = min(load.Callers, load.Calls)
	}
	if load.Duration <= 0 {
		load.Duration = 5 * time.Second
	}
	b := &bench{load: load, call: func(ctx context.Context) error {
		return s.once(ctx, m, request, &sink{each: drop, raw: io.Discard}, (*reply).drain)
	}}
	if err := b.warmUp(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", m.FullName(), err)
	}
	result := b.measure(ctx)
	result.Method = m.FullName()
	return result, nil
}

// drop is for what a measured call returns.
func drop([]byte) error { return nil }

// bench is one measurement under way.
type bench struct {
	call                           func(context.Context) error
	load                           Bench
	begun, returned, wrong, cutOff atomic.Int64

	mu      sync.Mutex // protects following
	latency histogram
	first   error
}

// run runs f for each caller, and returns when all have ended.
func (b *bench) run(ctx context.Context, f func(context.Context)) {
	var callers sync.WaitGroup
	for range b.load.Callers {
		callers.Go(func() { f(ctx) })
	}
	callers.Wait()
}

// warmUp makes the calls that are not measured. It fails if none of them returns in time,
// or the plugin ends. Another error will be seen again.
func (b *bench) warmUp(interrupted context.Context) error {
	ctx, cancel := context.WithTimeout(interrupted, b.load.Duration)
	defer cancel()
	begun := time.Now()
	var returned atomic.Bool
	var crash atomic.Pointer[pingo.CrashError]
	b.run(ctx, func(ctx context.Context) {
		for i := 0; i < warmUp && (i == 0 || time.Since(begun) < b.load.Duration/10); i++ {
			err := b.call(ctx)
			if ctx.Err() != nil {
				return
			}
			returned.Store(true)
			if c := crashOf(err); c != nil {
				crash.Store(c)
				return
			}
		}
	})
	switch {
	case interrupted.Err() != nil:
		return interrupted.Err()
	case crash.Load() != nil:
		return crash.Load()
	case !returned.Load():
		return fmt.Errorf("no call returned within %v", b.load.Duration)
	}
	return nil
}

// crashOf returns how the plugin has ended, if a call failed because of that.
func crashOf(err error) *pingo.CrashError {
	var crash *pingo.CrashError
	_ = errors.As(err, &crash)
	return crash
}

// measure calls for as long as it is to, or until ctx ends.
func (b *bench) measure(ctx context.Context) *Measurement {
	interrupted := ctx
	ctx, cancel := context.WithTimeout(ctx, 2*b.load.Duration)
	defer cancel()
	enough := make(chan struct{})
	timer := time.AfterFunc(b.load.Duration, func() { close(enough) })
	defer timer.Stop()
	begun := time.Now()
	done := make(chan struct{})
	var reported sync.WaitGroup
	reported.Go(func() { b.report(begun, done) })
	b.run(ctx, func(ctx context.Context) { b.caller(ctx, enough) })
	took := time.Since(begun)
	close(done)
	reported.Wait()
	m := &Measurement{
		Callers: b.load.Callers, Took: took, Calls: int(b.returned.Load()), Errors: int(b.wrong.Load()),
		Error: b.first, latency: b.latency,
	}
	if interrupted.Err() == nil {
		m.CutOff = int(b.cutOff.Load())
	}
	return m
}

// caller makes one call after the other.
func (b *bench) caller(ctx context.Context, enough <-chan struct{}) {
	var own histogram
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.latency.add(&own)
	}()
	for ctx.Err() == nil {
		select {
		case <-enough:
			return
		default:
		}
		if n := b.begun.Add(1); b.load.Calls > 0 && n > int64(b.load.Calls) {
			return
		}
		start := time.Now()
		err := b.call(ctx)
		took := time.Since(start)
		if ctx.Err() != nil {
			b.cutOff.Add(1)
			return
		}
		b.returned.Add(1)
		if err == nil {
			own.count(took)
			continue
		}
		b.failed(err)
		if crashOf(err) != nil {
			return
		}
	}
}

// failed counts a call that failed, and keeps the error that says most of why: when the
// plugin ends, other callers may learn sooner that theirs were not delivered.
func (b *bench) failed(err error) {
	b.wrong.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.first == nil || pingo.FateOf(b.first) == pingo.NotDelivered && pingo.FateOf(err) != pingo.NotDelivered {
		b.first = err
	}
}

// report tells how far it is until done is closed.
func (b *bench) report(begun time.Time, done <-chan struct{}) {
	if b.load.Progress == nil {
		return
	}
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			b.load.Progress(time.Since(begun), int(b.returned.Load()), int(b.wrong.Load()))
		case <-done:
			return
		}
	}
}

// PerSecond is how many calls returned in a second.
func (m *Measurement) PerSecond() float64 { return float64(m.Calls) / m.Took.Seconds() }

// Quantile returns the duration that the fraction q of the calls that did not fail did not
// exceed, to 3%. It is zero if all failed.
func (m *Measurement) Quantile(q float64) time.Duration { return m.latency.quantile(q) }

// quantiles are those that are shown.
var quantiles = []struct {
	name string
	q    float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}}

// MarshalJSON implements json.Marshaler. Durations are in nanoseconds.
func (m *Measurement) MarshalJSON() ([]byte, error) {
	latency := map[string]time.Duration{}
	if m.Calls > m.Errors {
		for _, q := range quantiles {
			latency[q.name] = m.Quantile(q.q)
		}
	}
	text := ""
	if m.Error != nil {
		text = m.Error.Error()
	}
	return json.Marshal(struct {
		Method    string                   `json:"method"`
		Callers   int                      `json:"callers"`
		Took      time.Duration            `json:"took"`
		Calls     int                      `json:"calls"`
		PerSecond float64                  `json:"perSecond"`
		Errors    int                      `json:"errors"`
		Error     string                   `json:"error,omitempty"`
		CutOff    int                      `json:"cutOff"`
		Latency   map[string]time.Duration `json:"latency"`
	}{m.Method, m.Callers, m.Took, m.Calls, m.PerSecond(), m.Errors, text, m.CutOff, latency})
}

// WriteText writes a measurement for people, with a histogram.
func (m *Measurement) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d calls in %v, %d at once: %.0f/s\n", m.Method, m.Calls, short(m.Took), m.Callers, m.PerSecond())
	if m.Errors > 0 {
		fmt.Fprintf(&b, "  %d of them failed, the first with: %v\n", m.Errors, m.Error)
	}
	if m.CutOff > 0 {
		fmt.Fprintf(&b, "  %d more had not returned after twice the duration, and were cut off\n", m.CutOff)
	}
	if m.Calls > m.Errors {
		for _, q := range quantiles {
			fmt.Fprintf(&b, "  %-6s%v\n", q.name, short(m.Quantile(q.q)))
		}
		b.WriteString("\n")
		m.latency.draw(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// short rounds a duration to three digits or so.
func short(d time.Duration) time.Duration {
	for unit := time.Second; unit > 1; unit /= 1000 {
		if d >= unit {
			return d.Round(unit / 100)
		}
	}
	return d
}

// histogram counts durations in 32 buckets for each power of two of nanoseconds.
type histogram struct {
	buckets [32 * 42]int
	calls   int
	longest time.Duration
}

func (h *histogram) count(d time.Duration) {
	n := uint64(max(d, 32))
	exponent := bits.Len64(n) - 1
	h.buckets[min(32*exponent+int(n>>(exponent-5)&31), len(h.buckets)-1)]++
	h.calls++
	h.longest = max(h.longest, d)
}

func (h *histogram) add(other *histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.calls += other.calls
	h.longest = max(h.longest, other.longest)
}

// from is where a bucket begins.
func from(bucket int) time.Duration {
	return time.Duration(1)<<(bucket/32) + time.Duration(bucket%32)<<(bucket/32)/32
}

func (h *histogram) quantile(q float64) time.Duration {
	rank, seen := max(1, int(math.Ceil(q*float64(h.calls)))), 0
	for i, n := range h.buckets {
		if seen += n; seen >= rank {
			return min(from(i+1), h.longest)
		}
	}
	return 0
}

// perRow is how many buckets a line of the drawing stands for: half a power of two.
const perRow = 16

// draw writes a line for each half of a power of two between the first call and the one
// in a thousand that takes longest; what is beyond is one line.
func (h *histogram) draw(b *strings.Builder) {
	rows := make([]int, len(h.buckets)/perRow)
	for i, n := range h.buckets {
		rows[i/perRow] += n
	}
	most, rest := slices.Max(rows), h.calls
	line := func(sign string, row, n int) {
		const width = 50
		fmt.Fprintf(b, "  %2s%8v |%-*s %d\n", sign, short(from(row*perRow)), width, strings.Repeat("#", (n*width+most-1)/most), n)
	}
	for i, n := range rows {
		switch {
		case rest == 0:
			return
		case rest < h.calls && rest <= h.calls/1000:
			line(">=", i, rest)
			return
		case rest < h.calls || n > 0:
			line("", i, n)
		}
		rest -= n
	}
}
