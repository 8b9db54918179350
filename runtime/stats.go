package pingo

import (
	"encoding/json"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/histogram"
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
	Total  time.Duration
	counts histogram.Counts
}

// Mean returns the mean of all calls, 0 if there are none.
func (l *Latency) Mean() time.Duration {
	if l.counts.N == 0 {
		return 0
	}
	return l.Total / time.Duration(l.counts.N)
}

// Quantile returns the duration which the fraction q of all calls did not exceed, to an
// eighth of itself: 0.5 is the median. It returns 0 if there are no calls.
func (l *Latency) Quantile(q float64) time.Duration { return l.counts.Quantile(q) }

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
