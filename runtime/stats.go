package pingo

import (
	"encoding/json"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Stats is what is known of the calls that a host has made of a plugin, whichever
// process has answered. As JSON it is meant for package expvar:
//
//	expvar.Publish("greeter", expvar.Func(func() any { return p.Stats() }))
type Stats struct {
	Plugin  string        `json:"plugin"`  // as Plugin.String returns it
	Methods []MethodStats `json:"methods"` // that were called, sorted by name
}

// MethodStats is what is known of the calls of one method.
type MethodStats struct {
	Method  string  `json:"method"`  // "Object.Method"
	Running int64   `json:"running"` // that have not returned yet
	Calls   uint64  `json:"calls"`   // that have returned
	Errors  uint64  `json:"errors"`  // of them, with an error of the implementation
	Failed  uint64  `json:"failed"`  // of them, with any other error: see FateOf
	Latency Latency `json:"latency"` // of all that have returned
}

// Latency is how long calls took, from the call to the return of the client.
type Latency struct {
	Total   time.Duration
	buckets [latencyBuckets]uint64
	calls   uint64
}

// Durations are counted in four buckets for each power of two of nanoseconds, up to
// half an hour. A duration is known to an eighth.
const latencyBuckets = 4 * 41

func bucketOf(d time.Duration) int {
	n := uint64(max(d, 4))
	exponent := bits.Len64(n) - 1
	return min(4*exponent+int(n>>(exponent-2)&3), latencyBuckets-1)
}

// middleOf is the middle of a bucket.
func middleOf(bucket int) time.Duration {
	exponent := bucket / 4
	quarter := uint64(1) << exponent / 4
	return time.Duration(uint64(1)<<exponent + quarter*uint64(bucket%4) + quarter/2)
}

// Mean returns the mean of all calls, 0 if there are none.
func (l *Latency) Mean() time.Duration {
	if l.calls == 0 {
		return 0
	}
	return l.Total / time.Duration(l.calls)
}

// Quantile returns the duration which the fraction q of all calls did not exceed, to an
// eighth of itself: 0.5 is the median. It returns 0 if there are no calls.
func (l *Latency) Quantile(q float64) time.Duration {
	if l.calls == 0 {
		return 0
	}
	rank, seen := max(1, uint64(math.Ceil(q*float64(l.calls)))), uint64(0)
	for i, n := range l.buckets {
		if seen += n; seen >= rank {
			return middleOf(i)
		}
	}
	return middleOf(latencyBuckets - 1)
}

// MarshalJSON writes microseconds: mean, median, 99th percentile and maximum.
func (l *Latency) MarshalJSON() ([]byte, error) {
	µs := func(d time.Duration) float64 { return float64(d) / 1000 }
	return json.Marshal(map[string]float64{
		"mean_us": µs(l.Mean()), "p50_us": µs(l.Quantile(0.5)), "p99_us": µs(l.Quantile(0.99)), "max_us": µs(l.Quantile(1)),
	})
}

// Stats returns what is known of the plugin's calls until now. It may be called at any
// time, before the start and after the end as well.
func (p *Plugin) Stats() Stats { return p.counts.read(p.String()) }

// read returns what is known of the calls of a plugin.
func (c *counts) read(plugin string) Stats {
	s := Stats{Plugin: plugin, Methods: []MethodStats{}}
	known := c.known.Load()
	if known == nil {
		return s
	}
	for _, name := range slices.Sorted(maps.Keys(*known)) {
		s.Methods = append(s.Methods, (*known)[name].read(name))
	}
	return s
}

// counts counts calls by method. The zero value is ready.
type counts struct {
	known atomic.Pointer[map[string]*methodCounts] // never changed, but replaced
	mu    sync.Mutex                               // held by who replaces known
}

// maxCounted bounds how many methods are told apart: who calls by names that it makes
// up must not fill the memory.
const maxCounted = 1000

// methodCounts is for any number of goroutines at once.
type methodCounts struct {
	begun, errors, failed, total atomic.Uint64
	buckets                      [latencyBuckets]atomic.Uint64
}

// of returns the counts of a method.
func (c *counts) of(method string) *methodCounts {
	if known := c.known.Load(); known != nil {
		if m := (*known)[method]; m != nil {
			return m
		}
	}
	return c.add(method)
}

func (c *counts) add(method string) *methodCounts {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := map[string]*methodCounts{}
	if before := c.known.Load(); before != nil {
		known = maps.Clone(*before)
	}
	if len(known) >= maxCounted {
		method = "(others)"
	}
	m := known[method]
	if m == nil {
		m = &methodCounts{}
		known[strings.Clone(method)] = m
		c.known.Store(&known)
	}
	return m
}

// loaded is when the program was. To look at the monotonic clock alone takes half the time.
var loaded = time.Now()

// begin counts a call that begins. Nil counts nothing, here and at the end.
func (m *methodCounts) begin() time.Duration {
	if m == nil {
		return 0
	}
	m.begun.Add(1)
	return time.Since(loaded)
}

// end counts a call that returns err.
func (m *methodCounts) end(begun time.Duration, err error) {
	if m == nil {
		return
	}
	took := time.Since(loaded) - begun
	m.total.Add(uint64(took))
	m.buckets[bucketOf(took)].Add(1)
	if err == nil {
		return
	}
	if isFailure(err) {
		m.failed.Add(1)
	} else {
		m.errors.Add(1)
	}
}

// read returns the counts of now. They are read one after the other, but agree with
// each other when no call is under way.
func (m *methodCounts) read(name string) MethodStats {
	s := MethodStats{Method: name, Errors: m.errors.Load(), Failed: m.failed.Load()}
	s.Latency.Total = time.Duration(m.total.Load())
	for i := range m.buckets {
		n := m.buckets[i].Load()
		s.Latency.buckets[i] = n
		s.Calls += n
	}
	s.Latency.calls = s.Calls
	s.Running = max(0, int64(m.begun.Load()-s.Calls))
	return s
}
