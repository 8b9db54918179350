// Package vote lets several agree on what they do only if all of them do it.
package vote

import "sync"

// Vote is one question. It is carried if all are for it.
type Vote struct {
	over chan struct{} // closed when the result is known

	mu      sync.Mutex // protects following
	missing int        // votes; none once the result is known
	against bool
}

// New returns a vote of n.
func New(n int) *Vote { return &Vote{over: make(chan struct{}), missing: n} }

// Cast is called once by each. One vote against is enough for the result to be known.
func (v *Vote) Cast(yes bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.missing == 0 {
		return
	}
	if v.missing--; !yes {
		v.against, v.missing = true, 0
	}
	if v.missing == 0 {
		close(v.over)
	}
}

// Oppose is for who has voted for it, and cannot do it after all. It may come too late.
func (v *Vote) Oppose() { v.Cast(false) }

// Over returns a channel that is closed when the result is known.
func (v *Vote) Over() <-chan struct{} { return v.over }

// Carried is the result, once it is known.
func (v *Vote) Carried() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.against
}
