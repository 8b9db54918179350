package pingo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// timeout is the context of a call whose deadline is its method's. Most calls are over before anybody has asked when
// it ends: what tells that, with its timer, is made when somebody does.
type timeout struct {
	context.Context // of the caller, without a deadline
	at              clock.Instant

	mu       sync.Mutex // protects following
	deadline time.Time  // at, when somebody has asked for it
	ending   context.Context
	cancel   context.CancelFunc
	over     bool
}

// withDeadline is context.WithDeadline. The call to end is deferred.
func withDeadline(ctx context.Context, at clock.Instant) *timeout {
	return &timeout{Context: ctx, at: at}
}

// ofTimeout is the error of a call whose deadline was its method's: it says so if that is why it failed.
func ofTimeout(err error, limit time.Duration) error {
	failed, ok := err.(*CallError)
	if !ok || failed.Err != context.DeadlineExceeded {
		return err
	}
	told := *failed
	told.Err = fmt.Errorf("%w: the %v of its //pingo:timeout are over", failed.Err, limit)
	return &told
}

func (t *timeout) Deadline() (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.deadlineLocked(), true
}

func (t *timeout) deadlineLocked() time.Time {
	if t.deadline.IsZero() {
		t.deadline = t.at.Time()
	}
	return t.deadline
}

// Left spares who only wants to know how long it is.
func (t *timeout) Left() (time.Duration, bool) { return t.at.Left(), true }

// MayEnd spares who only wants to know whether to reckon with an end.
func (t *timeout) MayEnd() bool { return true }

func (t *timeout) Done() <-chan struct{} { return t.real().Done() }

// Err does not look at the clock: it is Done that tells of the deadline.
func (t *timeout) Err() error {
	t.mu.Lock()
	ending, over := t.ending, t.over
	t.mu.Unlock()
	switch {
	case ending != nil:
		return ending.Err()
	case over:
		return context.Canceled
	}
	return t.Context.Err()
}

// real is the same context, made by package context.
func (t *timeout) real() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ending == nil {
		t.ending, t.cancel = context.WithDeadline(t.Context, t.deadlineLocked())
		if t.over {
			t.cancel()
		}
	}
	return t.ending
}

// end is what the cancel function of context.WithDeadline does.
func (t *timeout) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.cancel != nil {
		t.cancel()
	}
}
