package conn

import (
	"context"
	"errors"
	"fmt"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// PanicError is what a call returns whose handler panicked.
type PanicError struct {
	Value string // the panic's value as text
	Stack string // of the handler's goroutine
}

func (e *PanicError) Error() string { return "panic: " + e.Value }

// Refusal is what a handler returns that has not done anything, and wants the caller
// to know.
type Refusal struct{ Err error }

func (e *Refusal) Error() string { return e.Err.Error() }

// dispatch does what a message asks for that is not a call. Its error is the end of the connection.
func (c *Conn) dispatch(m message) error {
	switch m.Kind {
	case frame.Reply:
		return c.deliver(m)
	case frame.Cancel:
		c.cancel(m)
	case frame.Drain:
		return c.drained(m.Flags)
	case frame.DrainAck:
		return c.drainAcked(m.Flags)
	case frame.Describe:
		return c.described(m)
	case frame.Release:
		return c.released(m)
	case frame.Data:
		return c.data(m)
	case frame.Ping:
		c.pinged(m.ID)
	case frame.Pong:
		return c.ponged(m.ID)
	case frame.Credit, frame.Stop:
		return c.credited(m)
	}
	return nil
}

// serve answers a call, also if the handler ends its goroutine. It tells whether that has the reader role again which it
// has lent.
func (c *Conn) serve(in *incoming) (reads bool) {
	resume, cork := false, in.cork
	defer func() {
		if reads = c.served(in, resume); cork && !reads {
			c.out.flush()
		}
	}()
	c.answer(in)
	resume = in.inline // only here it is certain that this goroutine goes on: one that ends may recover from a panic, too
	return             // as the deferred function has it
}

// answer runs a handler and sends its reply, also if the handler panics or ends its goroutine.
func (c *Conn) answer(in *incoming) {
	o := in.newReply()
	o.enc.Attach(c)
	o.enc.Lend()
	o.enc.Gives()
	flags := frame.Panicked
	defer func() {
		if flags == frame.Panicked {
			o.putPanic(recover())
			in.ctx.finish()
		}
		c.reply(in, o, flags)
	}()
	flags = c.execute(in, o)
}

// execute runs a handler and encodes what it returned.
func (c *Conn) execute(in *incoming, o *outgoing) frame.Flags {
	if in.refusal != nil {
		c.disown(in.imports)
		c.in.arrivals.claim(in.files).Close()
		o.enc.Error(in.refusal)
		return frame.Refused
	}
	dec := &in.dec
	dec.Reset(in.args, in.owned)
	dec.Attach(c, in.imports, in.ctx)
	if in.imports != nil {
		dec.ArgumentsOf(in.name())
	}
	defer dec.ReleaseUnclaimed()
	if in.files != nil {
		dec.Bring(c.in.arrivals.claim(in.files))
		defer dec.CloseFiles()
	}
	err := in.run(dec, &o.enc)
	in.ended = len(o.enc.Exports()) == 0 // else what it has returned may look at the context
	if ended := in.ctx.end(in.ended); err == nil {
		err = ended
	}
	if p, ok := err.(*codec.Panicked); ok {
		panic(p)
	}
	if refusal, ok := err.(*Refusal); ok {
		o.reset()
		o.enc.Error(refusal.Err)
		return frame.Refused
	}
	if bad := dec.Err(); bad != nil {
		o.reset()
		o.enc.Error(fmt.Errorf("cannot decode the arguments: %w", bad))
		return frame.Refused
	}
	if err != nil {
		o.enc.Error(err)
		return frame.WithErr
	}
	return 0
}

// putPanic reports what recover returned: a panic of the handler, or one elsewhere
// that it found out about.
func (o *outgoing) putPanic(v any) {
	o.reset()
	p, ok := v.(*codec.Panicked)
	if !ok {
		p = codec.NewPanicked(panicValue(v))
	}
	o.enc.String(shorten(fmt.Sprint(p.Value), maxText))
	o.enc.String(shorten(string(p.Stack), maxStack))
}

// panicValue is what recover returned, or says why that was nothing.
func panicValue(v any) any {
	if v == nil {
		return "the handler ended its goroutine (runtime.Goexit)"
	}
	return v
}

// Reports of what went wrong are cut, so that they fit a plain frame.
const (
	maxText  = 4 << 10
	maxStack = 16 << 10
)

func shorten(s string, limit int) string {
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
}

// reply sends what a handler left in o.
func (c *Conn) reply(in *incoming, o *outgoing, flags frame.Flags) {
	in.forget()              // nobody needs it while the reply waits for the peer, nor while somebody keeps the context
	behind := c.inactive(in) // before the peer knows, which may call again at once
	h := frame.Header{Kind: frame.Reply, Flags: flags, ID: in.id}
	if !in.cork {
		h.CPU = transport.CPU()
	}
	o.finishReply(h, c.limit())
	o.enc.CloseGiven()
	if behind != nil {
		select {
		case <-behind:
		case <-c.done:
		}
	}
	if ids := o.enc.Exports(); len(ids) > 0 {
		c.linger(in, ids)
	}
	if o.large {
		c.sendLarge(o)
	} else if c.out.send(context.Background(), o.buf, o.enc.Files(), 0, in.cork) == nil { // it fails only with the connection
		in.keep(o)
	} else {
		o.discard()
	}
}

// inactive notes that a handler has returned, and tells what its reply has to wait for, if there is anything.
func (c *Conn) inactive(in *incoming) (behind <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if in.active {
		in.active = false
		c.active--
		c.held -= in.size
		c.allReturnedLocked()
	}
	return c.drain.behind()
}

// finishReply completes a reply, or a report that it cannot be sent. Reports are
// short, and may be sent whatever the limit.
func (o *outgoing) finishReply(h frame.Header, limit int) {
	if h.Flags&(frame.Refused|frame.Failed) != 0 {
		limit = max(limit, frame.MaxPlain)
	}
	err := o.finish(h, limit)
	if err == nil {
		return
	}
	if h.Flags != frame.Refused {
		h.Flags = frame.Failed
	}
	o.reset()
	var limited *codec.LimitError
	if errors.As(err, &limited) {
		o.enc.Error(fmt.Errorf("the reply cannot be sent: %w", limited))
	} else {
		o.enc.Error(errors.New(shorten("the reply cannot be sent: "+err.Error(), maxText)))
	}
	_ = o.finish(h, frame.MaxPlain) // it fits
}

// served forgets a call that was replied to. With resume, the role is taken again, if nobody else has it.
func (c *Conn) served(in *incoming, resume bool) (reads bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.role.inline == in {
		c.role.inline = nil
	} else {
		delete(c.serving, in.id)
	}
	if c.lingering[in.id] != in {
		if !in.ended {
			in.ctx.cancel(cancelled)
		}
		*in = incoming{memory: in.memory, out: in.out}
		c.quietLocked()
		if resume && c.resumeLocked() {
			c.in.spare = in
			return true
		}
		incomingPool.Put(in)
		return false
	}
	in.freeMemory()
	in.out = nil
	c.quietLocked()
	return resume && c.resumeLocked()
}

// cancel ends the context of a call's handler. The call may be over already. When the peer leaves, the contexts of all calls end
// whose results are still in use: a sequence has no other than that of the call which returned it.
func (c *Conn) cancel(m message) {
	var cause error
	why := cancelled
	switch {
	case m.Flags&frame.Leaving != 0:
		cause = c.cfg.Left
	case m.Flags&frame.Deadline != 0:
		why = deadlineExceeded
	}
	c.mu.Lock()
	defer c.mu.Unlock() // in is used again as soon as it was replied to
	in := c.servingLocked(m.ID)
	if in == nil {
		in = c.lingering[m.ID]
	}
	if in != nil {
		in.ctx.cancelCause(why, cause)
	}
	if m.Flags&frame.Leaving != 0 && !c.left {
		c.left = true // the next has nothing to add
		for _, in := range c.lingering {
			in.ctx.cancelCause(why, cause)
		}
	}
}
