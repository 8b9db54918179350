package conn

import (
	"context"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// callContext is the context of a handler: it carries the caller's deadline and
// metadata, and ends with the call. It is all that is allocated for a call, and small.
type callContext struct {
	conn    *Conn
	until   clock.Instant // when it ends at the latest,
	limited bool          // if it does

	over  bool // the handler has returned; protected by mu, as the following
	ended reason
	mu    sync.Mutex
	rare  *rareContext // nil for none of it
}

// rareContext is what most calls do not bring, and most handlers do not ask for.
type rareContext struct {
	metadata []metadata.Pair
	deadline time.Time // until, when somebody has asked for it
	done     chan struct{}
	timer    *time.Timer
	atEnd    []func() error  // what runs when the handler has returned
	cause    context.Context // which has ended for a cause of its own
}

// reason is why a context has ended. As an error it would make the context a third larger.
type reason uint8

const (
	notEnded reason = iota
	cancelled
	deadlineExceeded
)

func (r reason) err() error {
	switch r {
	case cancelled:
		return context.Canceled
	case deadlineExceeded:
		return context.DeadlineExceeded
	}
	return nil
}

// servedBy is the key under which a context tells that it belongs to a call that a connection serves.
type servedBy struct{ conn *Conn }

// begin starts the context of a call that has come.
func (ctx *callContext) begin(c *Conn, h head, deadline bool) {
	ctx.conn = c
	if h.metadata != nil {
		ctx.rareLocked().metadata = h.metadata
	}
	if deadline {
		ctx.limited, ctx.until = true, clock.Now().After(h.left)
	}
}

func (ctx *callContext) rareLocked() *rareContext {
	if ctx.rare == nil {
		ctx.rare = &rareContext{}
	}
	return ctx.rare
}

func (ctx *callContext) Deadline() (time.Time, bool) {
	if !ctx.limited {
		return time.Time{}, false
	}
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	r := ctx.rareLocked()
	if r.deadline.IsZero() {
		r.deadline = ctx.until.Time()
	}
	return r.deadline, true
}

// Left is for timeLeft.
func (ctx *callContext) Left() (time.Duration, bool) {
	if !ctx.limited {
		return 0, false
	}
	return ctx.until.Left(), true
}

func (ctx *callContext) Value(key any) any {
	switch k := key.(type) {
	case servedBy:
		if k.conn == ctx.conn {
			return true
		}
	case metadata.Key:
		ctx.mu.Lock()
		defer ctx.mu.Unlock()
		if ctx.rare != nil && ctx.rare.metadata != nil {
			return ctx.rare.metadata
		}
	default: // context.Cause has a key of its own
		ctx.mu.Lock()
		defer ctx.mu.Unlock()
		if ctx.rare != nil && ctx.rare.cause != nil {
			return ctx.rare.cause.Value(key)
		}
	}
	return nil
}

// MayEnd is for mayEnd.
func (ctx *callContext) MayEnd() bool { return true }

func (ctx *callContext) Done() <-chan struct{} {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	r := ctx.rareLocked()
	if r.done == nil {
		r.done = make(chan struct{})
		if ctx.ended != notEnded {
			close(r.done)
		} else if left, limited := ctx.Left(); limited {
			r.timer = time.AfterFunc(left, func() { ctx.cancel(deadlineExceeded) })
		}
	}
	return r.done
}

func (ctx *callContext) Err() error {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if left, limited := ctx.Left(); limited && left <= 0 && ctx.ended == notEnded {
		ctx.cancelLocked(deadlineExceeded)
	}
	return ctx.ended.err()
}

// Over implements codec.Scope.
func (ctx *callContext) Over() bool {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	return ctx.over
}

// AtEnd implements codec.Scope.
func (ctx *callContext) AtEnd(f func() error) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if ctx.over { // a stream brought something although the call is over
		go func() { _ = f() }() // nobody can be told
		return
	}
	r := ctx.rareLocked()
	r.atEnd = append(r.atEnd, f)
}

// end runs what AtEnd has asked for, and returns the first error. If nobody else needs the context, it is cancelled.
func (ctx *callContext) end(cancel bool) (first error) {
	for {
		ctx.mu.Lock()
		fs := ctx.takeAtEndLocked()
		ctx.over = fs == nil
		if ctx.over && cancel {
			ctx.cancelLocked(cancelled)
		}
		ctx.mu.Unlock()
		if fs == nil {
			return first
		}
		for _, f := range fs {
			if err := f(); first == nil {
				first = err
			}
		}
	}
}

// finish is for a handler that has panicked: what AtEnd has asked for runs, but
// nobody waits for it.
func (ctx *callContext) finish() {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	ctx.over = true
	for _, f := range ctx.takeAtEndLocked() {
		go func() { _ = f() }()
	}
}

func (ctx *callContext) takeAtEndLocked() (fs []func() error) {
	if r := ctx.rare; r != nil {
		fs, r.atEnd = r.atEnd, nil
	}
	return fs
}

// cancel ends the context once; the first reason stays.
func (ctx *callContext) cancel(why reason) { ctx.cancelCause(why, nil) }

// cancelCause is cancel with what context.Cause returns, unless that is nil.
func (ctx *callContext) cancelCause(why reason, cause error) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if ctx.ended == notEnded && cause != nil {
		ended, end := context.WithCancelCause(context.Background())
		end(cause)
		ctx.rareLocked().cause = ended
	}
	ctx.cancelLocked(why)
}

func (ctx *callContext) cancelLocked(why reason) {
	if ctx.ended != notEnded {
		return
	}
	ctx.ended = why
	if r := ctx.rare; r != nil && r.done != nil {
		close(r.done)
		if r.timer != nil {
			r.timer.Stop()
		}
	}
}
