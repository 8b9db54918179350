package pingo

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/histogram"
)

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
	latency                      histogram.Histogram
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

// begin counts a call that begins. Nil counts nothing, here and at the end.
func (m *methodCounts) begin() {
	if m != nil {
		m.begun.Add(1)
	}
}

// end counts a call that returns err.
func (m *methodCounts) end(begun clock.Instant, err error) {
	if m == nil {
		return
	}
	took := time.Duration(clock.Now() - begun)
	m.total.Add(uint64(took))
	m.latency.Add(took)
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
	s.Latency = Latency{Total: time.Duration(m.total.Load()), counts: m.latency.Read()}
	s.Calls = s.Latency.counts.N
	s.Running = max(0, int64(m.begun.Load()-s.Calls))
	return s
}
