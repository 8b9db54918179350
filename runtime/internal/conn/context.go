package conn

import (
	"context"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// callContext is the context of a handler: it carries the caller's deadline and
// metadata, and ends with the call. Channel and timer are made when asked for,
// since most handlers never look.
type callContext struct {
	conn     *Conn
	metadata []metadata.Pair
	limited  bool // it ends at until at the latest
	until    clock.Instant

	mu       sync.Mutex // protects following
	deadline time.Time  // until, when somebody has asked for it
	done     chan struct{}
	timer    *time.Timer
	err      error
	atEnd    []func() error // what runs when the handler has returned
	over     bool           // it has
}

// servedBy is the key under which a context tells that it belongs to a call that a connection serves.
type servedBy struct{ conn *Conn }

// begin starts the context of a call that has come.
func (ctx *callContext) begin(c *Conn, h head, deadline bool) {
	ctx.conn, ctx.metadata = c, h.metadata
	if deadline {
		ctx.limited, ctx.until = true, clock.Now().After(h.left)
	}
}

func (ctx *callContext) Deadline() (time.Time, bool) {
	if !ctx.limited {
		return time.Time{}, false
	}
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if ctx.deadline.IsZero() {
		ctx.deadline = ctx.until.Time()
	}
	return ctx.deadline, true
}

// Left is for timeLeft.
func (ctx *callContext) Left() (time.Duration, bool) { return ctx.until.Left(), ctx.limited }

func (ctx *callContext) Value(key any) any {
	switch k := key.(type) {
	case servedBy:
		if k.conn == ctx.conn {
			return true
		}
	case metadata.Key:
		if ctx.metadata != nil {
			return ctx.metadata
		}
	}
	return nil
}

// MayEnd is for mayEnd.
func (ctx *callContext) MayEnd() bool { return true }

func (ctx *callContext) Done() <-chan struct{} {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if ctx.done == nil {
		ctx.done = make(chan struct{})
		if ctx.err != nil {
			close(ctx.done)
		} else if ctx.limited {
			ctx.timer = time.AfterFunc(ctx.until.Left(), func() { ctx.cancel(context.DeadlineExceeded) })
		}
	}
	return ctx.done
}

func (ctx *callContext) Err() error {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if ctx.err == nil && ctx.limited && ctx.until.Left() <= 0 {
		ctx.cancelLocked(context.DeadlineExceeded)
	}
	return ctx.err
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
	ctx.atEnd = append(ctx.atEnd, f)
}

// end runs what AtEnd has asked for, and returns the first error.
func (ctx *callContext) end() (first error) {
	for {
		ctx.mu.Lock()
		fs := ctx.atEnd
		ctx.atEnd = nil
		ctx.over = fs == nil
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
	for _, f := range ctx.atEnd {
		go func() { _ = f() }()
	}
	ctx.atEnd = nil
}

// cancel ends the context once; the first reason stays.
func (ctx *callContext) cancel(err error) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	ctx.cancelLocked(err)
}

func (ctx *callContext) cancelLocked(err error) {
	if ctx.err != nil {
		return
	}
	ctx.err = err
	if ctx.timer != nil {
		ctx.timer.Stop()
	}
	if ctx.done != nil {
		close(ctx.done)
	}
}
