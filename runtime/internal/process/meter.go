package process

import (
	"sync"
	"time"
)

// meter tells who reads how long to wait, so that no more than rate bytes are read in a
// second, after a first second's worth at once.
type meter struct {
	rate  float64 // zero for no limit
	flood func()  // told when waiting begins; or nil

	mu      sync.Mutex // protects following
	level   float64    // bytes that were read and are not paid for by the time that passed
	last    time.Time
	flooded bool // until the level was zero
}

// take takes note of n bytes.
func (m *meter) take(n int, now time.Time) (wait time.Duration) {
	if m.rate <= 0 {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.level = max(0, m.level-now.Sub(m.last).Seconds()*m.rate)
	m.last = now
	if m.level == 0 {
		m.flooded = false
	}
	m.level += float64(n)
	if m.level <= m.rate {
		return 0
	}
	if !m.flooded && m.flood != nil {
		m.flooded = true
		m.flood()
	}
	return time.Duration((m.level - m.rate) / m.rate * float64(time.Second))
}
