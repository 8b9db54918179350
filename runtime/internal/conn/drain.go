package conn

import (
	"context"
	"errors"
	"io"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// drainState is guarded by Conn.mu. A side that drains sends Drain and waits for
// DrainAck, behind which no call of the peer can be left on the way, and until
// nothing is in flight in either direction.
//
// Mostly nothing is when it begins. A side that leaves says so, and if that is so of the peer, too, the
// connection ends with the peer's answer: nobody waits for the other to close it.
type drainState struct {
	sent, received, acked bool
	quiet                 chan struct{} // closed when the wait is over; nil if nobody waits
	cancelled             bool          // the calls of this side were

	offered  bool  // this side's Drain was final
	why      error // the reason to leave; nil of a side that does not
	final    bool  // the peer's Drain was
	accepted bool  // and so is this side's answer

	due     bool          // the peer's Drain is to be answered once all chunks are written
	chunked int           // calls of this side of which chunks are still to be written
	written chan struct{} // closed when there is none; nil if nobody waits
}

func (d *drainState) begun() bool { return d.sent || d.received }

// Drain stops new calls in both directions (they fail as not delivered, but for
// those made for the sake of a call that is being served) and returns when none
// is in flight and everything is written, or when ctx ends or the connection is dead.
func (c *Conn) Drain(ctx context.Context) error { return c.drainFor(ctx, nil) }

// Leave is Drain for a side that begins no calls (see Begin) meanwhile: the peer may have ended the connection before
// it reads them. It may have ended, for the reason why, when Leave returns nil; if not, it is for the caller to close it.
func (c *Conn) Leave(ctx context.Context, why error) error {
	err := c.drainFor(ctx, why)
	if c.Err() == why {
		return nil
	}
	return err
}

// CancelCalls ends the contexts of all handlers that run for this side. Their replies are waited for nevertheless: it is
// for who has no more time for them in a Leave, and a little more for their answers in another. The peer knows a large
// call when it has all of it, and is told again then. A small one that waits to be sent, because the peer does not read, is not cancelled.
func (c *Conn) CancelCalls() {
	var all []byte
	c.mu.Lock()
	c.drain.cancelled = true
	for call := range c.calls.all {
		call.cancelled = true
		all = append(all, c.leavingCall(call.id)...)
	}
	c.mu.Unlock()
	c.out.post(all)
}

// leavingCall is the frame that cancels a call because this side leaves.
func (c *Conn) leavingCall(id uint64) []byte {
	h := frame.Header{Kind: frame.Cancel, ID: id}
	if c.cfg.Leaves {
		h.Flags = frame.Leaving
	}
	return control(h)
}

// CancelServed ends the contexts of all handlers that run on this side, and of those whose results are still in use, for a cause:
// what the peer's CancelCalls does, where it is this side that has no more time.
func (c *Conn) CancelServed(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for in := range c.allServed {
		in.ctx.cancelCause(cancelled, cause)
	}
	for _, in := range c.lingering {
		in.ctx.cancelCause(cancelled, cause)
	}
}

// Cancelled tells whether CancelCalls was called.
func (c *Conn) Cancelled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drain.cancelled
}

// drainFor is Drain. If why is not nil, the connection may end meanwhile, for that reason.
func (c *Conn) drainFor(ctx context.Context, why error) error {
	h := frame.Header{Kind: frame.Drain}
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return c.err
	}
	first := !c.drain.sent
	c.drain.sent = true
	if first && why != nil && c.cfg.Leaves && c.nothingLocked() {
		c.drain.offered, c.drain.why = true, why
		h.Flags = frame.Final
	}
	if c.drain.quiet == nil {
		c.drain.quiet = make(chan struct{})
	}
	quiet := c.drain.quiet
	c.mu.Unlock()
	if first {
		c.out.post(control(h))
	}
	if err := c.waitFor(ctx, quiet); err != nil {
		return err
	}
	return c.out.idle(ctx)
}

// nothingLocked tells whether nothing of this side is in flight: no call, no reply, no byte.
func (c *Conn) nothingLocked() bool {
	return c.calls.n+len(c.owed)+c.servesLocked()+c.drain.chunked == 0 && c.out.isIdle()
}

// Cut counts the handlers that the end of the connection has interrupted, also if they have returned since.
func (c *Conn) Cut() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// Returned is closed when all handlers have returned. It is for a connection that has ended.
func (c *Conn) Returned() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.returned == nil {
		c.returned = make(chan struct{})
		c.allReturnedLocked()
	}
	return c.returned
}

// allReturnedLocked tells who has asked for it.
func (c *Conn) allReturnedLocked() {
	if c.returned != nil && c.active == 0 && !isClosed(c.returned) {
		close(c.returned)
	}
}

// Load is how many calls of this side are without a reply, those that were given up
// included. It is false if no more can be made.
func (c *Conn) Load() (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls.n + len(c.owed), c.err == nil && !c.drain.begun()
}

// Drained tells whether the peer has asked for an end: a connection that the
// peer closes after that has ended in good order.
func (c *Conn) Drained() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drain.received
}

// drained answers the peer's Drain. Its error is the end of the connection.
func (c *Conn) drained(flags frame.Flags) error {
	c.mu.Lock()
	again := c.drain.received
	c.drain.received = true
	c.drain.final = flags&frame.Final != 0
	c.mu.Unlock()
	if again {
		return errors.New("second Drain") // who may ask for any number of answers need not read them
	}
	if c.cfg.Draining == nil {
		c.answerDrain()
	} else {
		c.cfg.Draining(c.answerDrain)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drain.accepted && c.out.isIdle() {
		return c.drain.end(io.EOF) // which comes as soon as the peer has read the answer
	}
	return nil
}

// end is why the connection ends in good order: this side's reason, if it leaves, or another.
func (d *drainState) end(other error) error {
	if d.why != nil {
		return d.why
	}
	return other
}

// answerDrain sends DrainAck behind the last chunk of the calls that were made before.
func (c *Conn) answerDrain() {
	c.mu.Lock()
	c.drain.due = true
	c.mu.Unlock()
	c.ackDrain()
}

// ackDrain sends DrainAck, if it is time to.
func (c *Conn) ackDrain() {
	h := frame.Header{Kind: frame.DrainAck}
	c.mu.Lock()
	now := c.drain.due && c.drain.chunked == 0
	c.drain.due = c.drain.due && !now
	if now && c.drain.final && c.nothingLocked() {
		h.Flags = frame.Final
	}
	c.mu.Unlock()
	if !now {
		return
	}
	c.out.post(control(h))
	c.mu.Lock()
	c.drain.accepted = h.Flags == frame.Final // only now: see drained, which may run beside
	c.mu.Unlock()
}

// sendLargeCall is sendLarge for a call, which nothing overtakes that says that it was sent.
func (c *Conn) sendLargeCall(o *outgoing) {
	c.sendLarge(o)
	o.written()
	c.mu.Lock()
	call := c.calls.get(o.header.ID)
	cancelled := call != nil && call.cancelled
	c.drain.chunked--
	if c.drain.chunked == 0 && c.drain.written != nil {
		close(c.drain.written)
		c.drain.written = nil
	}
	c.mu.Unlock()
	if cancelled {
		c.out.post(c.leavingCall(o.header.ID))
	}
	c.ackDrain()
}

// behind is what a reply waits for while the peer drains the connection: for the large calls that its handler may have
// begun, since the peer ends the connection when it has the last reply. Mostly it is nil.
func (d *drainState) behind() <-chan struct{} {
	if !d.received || d.chunked == 0 {
		return nil
	}
	if d.written == nil {
		d.written = make(chan struct{})
	}
	return d.written
}

func (c *Conn) drainAcked(flags frame.Flags) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	final := flags&frame.Final != 0
	switch {
	case !c.drain.sent:
		return errors.New("DrainAck without Drain")
	case final && !c.drain.offered:
		return errors.New("final DrainAck of a Drain that was not final")
	}
	c.drain.acked = true
	c.quietLocked()
	if final {
		return c.drain.why
	}
	return nil
}

// quietLocked ends a Drain when nothing is in flight, or the connection is dead.
func (c *Conn) quietLocked() {
	d := &c.drain
	if d.quiet == nil || c.err == nil && (!d.acked || c.calls.n > 0 || c.servesLocked() > 0) {
		return
	}
	select {
	case <-d.quiet:
	default:
		close(d.quiet)
	}
}
