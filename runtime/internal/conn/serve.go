package conn

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
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

// incoming is a call that the peer has made. Whoever runs its handler owns it. It is used again when it was
// replied to, but for its context, which the handler may have given to somebody who keeps it.
type incoming struct {
	id     uint64
	gob    bool
	method []byte
	args   []byte
	owned  bool      // args belong to what is decoded from them
	memory *[]byte   // holds what came, if it is not owned
	out    *outgoing // for the next reply, if there is one already
	ctx    *callContext
	dec    codec.Decoder // of args

	handler codec.Handler
	refusal error // why there is none
	pace    *pace // of the handler, or nil
	inline  bool  // that runs on the goroutine which has read the call, and has lent the reader role for that long
	cork    bool  // and more frames are there: the reply leaves with those to the next calls

	target    uint64   // what the call is for, if that is something this side keeps
	object    string   // and the name of its contract
	imports   []uint64 // numbers that stand behind the message
	files     codec.Files
	active    bool // it counts in Conn.active and Conn.held; guarded by Conn.mu
	ended     bool // its context has, since the handler has returned
	size      int  // of what came, in bytes as it is kept
	mentioned int  // how much of what the reply mentions is kept; guarded by Conn.mu
}

var incomingPool = sync.Pool{New: func() any { return new(incoming) }}

// keepMemory is up to how many bytes an incoming keeps for the next call.
const keepMemory = 1 << 10

// memoryPool holds copies of small calls while their handlers decode them.
var memoryPool = sync.Pool{New: func() any { return new([]byte) }}

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

// accept makes a call independent of the reader, and known to Cancel and Drain. If inline is set, and the handler is not
// known to be slow, the role is lent: the goroutine that has it is to serve the call.
func (c *Conn) accept(m message, inline bool) (*incoming, error) {
	in := c.in.spare
	if c.in.spare = nil; in == nil {
		in = incomingPool.Get().(*incoming)
	}
	in.id, in.gob, in.owned, in.files = m.ID, m.Flags&frame.Gob != 0, m.owned, m.files
	payload := m.payload
	if !m.owned {
		if in.memory == nil {
			in.memory = memoryPool.Get().(*[]byte)
		}
		*in.memory = append((*in.memory)[:0], payload...)
		payload = *in.memory
	}
	if m.Flags&frame.Refs != 0 {
		var err error
		if payload, in.imports, err = cutNumbers(payload); err != nil {
			return nil, m.drop(err)
		}
	}
	h, args, err := parseHead(payload, m.Flags)
	if err != nil {
		return nil, m.drop(err)
	}
	in.target, in.method, in.args = h.target, h.method, args
	in.size = len(m.payload) + len(h.metadata)*int(unsafe.Sizeof(metadata.Pair{}))
	in.ctx = new(callContext)
	in.ctx.begin(c, h, m.Flags&frame.Deadline != 0)
	c.find(in)
	in.inline = inline && !in.pace.slow()
	in.cork = in.inline && c.in.ready()
	c.mu.Lock()
	err = c.admitLocked(in)
	waits := err == nil && in.inline && c.lendLocked(in)
	c.mu.Unlock()
	if err != nil {
		return nil, m.drop(err)
	}
	if waits {
		c.out.flush() // it may be what somebody has left to who reads, and nobody does for now
	}
	return in, nil
}

// admitLocked enters a call, or says why the connection has to end. A call beyond the limits is refused.
func (c *Conn) admitLocked(in *incoming) error {
	if c.servingLocked(in.id) != nil {
		return fmt.Errorf("second call with id %d", in.id)
	}
	if limit := 2 * c.cfg.MaxCalls; c.servesLocked() >= limit { // twice, since the peer hears of an end before it is noted here
		return fmt.Errorf("more than %d calls at once", limit)
	}
	if !in.inline {
		c.serving[in.id] = in
	}
	if c.err != nil {
		return c.err
	}
	switch {
	case in.refusal != nil:
	case c.active >= c.cfg.Calls:
		in.refusal = c.tooManyCalls()
	case c.cfg.Arguments > 0 && c.active > 0 && in.size > c.cfg.Arguments-c.held:
		in.refusal = c.tooManyArguments()
	default:
		c.active++
		c.held += in.size
		in.active = true
	}
	if in.refusal != nil {
		in.forget()
	}
	return nil
}

// servingLocked returns nil for a number that no call has which is served.
func (c *Conn) servingLocked(id uint64) *incoming {
	if in := c.role.inline; in != nil && in.id == id {
		return in
	}
	return c.serving[id]
}

// allServed ranges over the calls that are served. It needs Conn.mu.
func (c *Conn) allServed(yield func(*incoming) bool) {
	if in := c.role.inline; in != nil && !yield(in) {
		return
	}
	for _, in := range c.serving {
		if !yield(in) {
			return
		}
	}
}

// servesLocked counts the calls that are served.
func (c *Conn) servesLocked() int {
	if c.role.inline != nil {
		return len(c.serving) + 1
	}
	return len(c.serving)
}

// forget lets go of what came, once the handler has seen it or will not.
func (in *incoming) forget() {
	in.method, in.args = nil, nil
	in.dec.Reset(nil, false)
	if in.memory != nil && cap(*in.memory) > keepMemory {
		in.freeMemory()
	}
}

// newReply returns one that keep has left here, if there is one.
func (in *incoming) newReply() *outgoing {
	o := in.out
	if in.out = nil; o == nil {
		return newOutgoing()
	}
	o.reset()
	return o
}

// keep is free for a reply whose buffer may wait for the next call.
func (in *incoming) keep(o *outgoing) {
	if cap(o.buf) > keepMemory {
		o.free()
		return
	}
	o.clear()
	in.out = o
}

// freeMemory gives the memory to other calls.
func (in *incoming) freeMemory() {
	if in.memory != nil {
		memoryPool.Put(in.memory)
		in.memory = nil
	}
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

// name is that of the method with its object.
func (in *incoming) name() string {
	if in.object == "" {
		return string(in.method)
	}
	return in.object + "." + string(in.method)
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

// tooManyCalls is why a call is not delivered.
func (c *Conn) tooManyCalls() error {
	return &codec.LimitError{Limit: "Limits.Calls", Value: int64(c.cfg.Calls), Detail: "as many calls are unanswered"}
}

// tooManyArguments is the same, for their bytes.
func (c *Conn) tooManyArguments() error {
	return &codec.LimitError{Limit: "Limits.Arguments", Value: int64(c.cfg.Arguments), Detail: "as many bytes of arguments belong to calls that are unanswered"}
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
			in.ctx.cancel(context.Canceled)
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
	why := context.Canceled
	switch {
	case m.Flags&frame.Leaving != 0:
		cause = c.cfg.Left
	case m.Flags&frame.Deadline != 0:
		why = context.DeadlineExceeded
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
