package probe

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Record is what the values that a call was given have seen: a tree with a node
// for each, so that what happens at the same time has places of its own. A nil
// Record keeps nothing.
type Record struct {
	root *root

	mu      sync.Mutex // protects following
	entries []func(indent string) string
}

// root is what all nodes share.
type root struct {
	mu      sync.Mutex // protects following
	pending []pending
}

// pending is a stream that is not over yet.
type pending struct {
	what string
	over <-chan struct{}
}

func newRecord() *Record { return &Record{root: &root{}} }

func (r *Record) add(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	r.later(func(indent string) string { return indent + line + "\n" })
}

// later adds what is known when everything is over.
func (r *Record) later(entry func(indent string) string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, entry)
}

// child adds a node.
func (r *Record) child(what string) *Record {
	if r == nil {
		return nil
	}
	c := &Record{root: r.root}
	r.later(func(indent string) string { return indent + what + "\n" + c.text(indent+"  ") })
	return c
}

// until has settle wait for a stream.
func (r *Record) until(what string, over <-chan struct{}) {
	if r == nil {
		return
	}
	r.root.mu.Lock()
	defer r.root.mu.Unlock()
	r.root.pending = append(r.root.pending, pending{what, over})
}

// settle waits until all streams are over, also those that come up meanwhile.
func (r *Record) settle(atMost time.Duration) {
	late := time.After(atMost)
	for i := 0; ; i++ {
		r.root.mu.Lock()
		if i == len(r.root.pending) {
			r.root.mu.Unlock()
			return
		}
		p := r.root.pending[i]
		r.root.mu.Unlock()
		select {
		case <-p.over:
		case <-late:
			r.add("%s is not over after %v", p.what, atMost)
			return
		}
	}
}

func (r *Record) text(indent string) string {
	r.mu.Lock()
	entries := r.entries
	r.mu.Unlock()
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(e(indent))
	}
	return b.String()
}
