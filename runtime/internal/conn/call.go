package conn

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Fate is what is known of a call's execution.
type Fate int

const (
	Executed      Fate = iota // the implementation ran and returned, with or without an error
	NotDelivered              // the peer did not start it and never will
	MaybeExecuted             // the request left; whether it ran is unknown
)

// call is a call that this side has made. Its caller's goroutine owns it, but
// for the fields that Conn.mu protects.
type call struct {
	id      uint64
	events  chan event     // capacity 1
	large   *outgoing      // its message, if that travels in chunks
	posted  chan struct{}  // as in outgoing: its reply is dropped
	hint    transport.Hint // for reading on its behalf
	method  string         // for the errors of what its reply mentions
	patient bool           // its reply is the end of a stream: who reads that is not its caller

	// Protected by Conn.mu until state is eventDone.
	state      event // eventWait, eventDone or eventDead
	waits      bool  // is in role.waiting
	cancelled  bool  // CancelCalls has told the peer, which does not know a large one yet
	next, prev *call
	flags      frame.Flags // of the reply
	reply      []byte
	imports    []uint64 // numbers that stand behind the reply
	files      codec.Files
	owned      bool   // reply belongs to whoever decodes it
	buf        []byte // backs a reply that is not owned
	dec        codec.Decoder
}

// signal tells a waiting caller what happened. The channel has room but when the
// connection dies under a caller that was just promoted; it will see that in its read.
func (call *call) signal(ev event) {
	if ev != eventLead {
		call.state = ev
	}
	select {
	case call.events <- ev:
	default:
	}
}

// Call calls the peer's method. A nil error means that reply is filled. An error
// the implementation returned comes back as it was decoded, with Fate Executed
// and reply filled. Call returns as soon as ctx ends; the peer is told, and
// the context of its handler ends too.
func (c *Conn) Call(ctx context.Context, method string, gob bool, args, reply codec.Message) (Fate, error) {
	return c.call(ctx, target{method: method, gob: gob}, args, reply)
}

// target is what a call is for: a method of what the peer has registered, or of
// what it keeps under a number.
type target struct {
	id     uint64 // 0 for what is registered
	method string
	gob    bool
}

func (c *Conn) call(ctx context.Context, to target, args, reply codec.Message) (Fate, error) {
	if err := ctx.Err(); err != nil {
		return NotDelivered, err
	}
	o, err := c.encodeCall(ctx, to, args)
	if err != nil {
		return NotDelivered, err
	}
	o.patient = codec.ReadsStream(to.method, args)
	call, err := c.start(ctx, o)
	if err != nil {
		return NotDelivered, err
	}
	call.method = to.method
	return c.await(ctx, call, reply)
}

// encodeCall runs before the call exists, since encoding may run the user's code, which may panic.
func (c *Conn) encodeCall(ctx context.Context, to target, args codec.Message) (*outgoing, error) {
	o := newOutgoing()
	encoded := false
	defer func() {
		if !encoded {
			o.discard()
		}
	}()
	flags, err := o.putHead(ctx, to)
	if err != nil {
		return nil, err
	}
	o.enc.Attach(c)
	o.enc.Lend()
	o.enc.Message(args)
	if err := o.finish(frame.Header{Kind: frame.Call, Flags: flags}, c.limit()); err != nil {
		return nil, err
	}
	encoded = true
	return o, nil
}

// start registers a call and queues its message. An error means that it was not sent.
func (c *Conn) start(ctx context.Context, o *outgoing) (*call, error) {
	cpu := transport.CPU()
	call, gather, err := c.register(ctx, o, cpu)
	if err != nil {
		o.discard()
		return nil, err
	}
	o.header.ID = call.id
	o.header.CPU = cpu
	o.header.Put(o.buf)
	if o.large {
		call.large = o
		c.mu.Lock()
		c.drain.chunked++
		c.mu.Unlock()
		write := func() { c.sendLargeCall(o) }
		o.apart = call.hint&transport.Brief != 0 || o.prompt // the caller has to be back when its context ends
		if !o.apart {
			write()
		} else if !c.spawn(write) {
			o.enc.Files().Close()
		}
		return call, nil
	}
	if o.prompt {
		err = c.out.trySend(o.buf)
	} else if err = c.out.send(ctx, o.buf, o.enc.Files(), gather, false); err != nil {
		err = c.unsent(ctx, err)
	}
	if err != nil {
		o.discard()
		c.forget(call, false)
		return nil, err
	}
	o.free()
	return call, nil
}

// register makes a call that can be replied to, and tells how many frames are to be gathered before its own is sent.
func (c *Conn) register(ctx context.Context, o *outgoing, cpu uint16) (_ *call, gather int, _ error) {
	call := c.idle.Get().(*call)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refusalLocked(ctx); err != nil {
		c.idle.Put(call)
		return nil, 0, err
	}
	c.calls.add(call)
	call.state = eventWait
	call.posted, call.patient, call.cancelled = o.posted, o.patient, false
	call.hint = 0
	if mayEnd(ctx) {
		call.hint = transport.Brief
	}
	if c.calls.n > 1 {
		c.role.crowd = crowdFor
	}
	if o.posted != nil || o.patient { // nobody might read
		return call, 0, nil
	}
	return call, c.gatherLocked(cpu), nil
}

// everybody has callers gather all that others have to send.
const everybody = math.MaxInt

// gatherLocked is how many frames a caller waits for before it writes: none if no others are in flight, nor were a
// moment ago; all that others have to send, if the peer needs this processor to go on; and else as many that it
// has something to do while the rest of the callers make their calls.
func (c *Conn) gatherLocked(cpu uint16) int {
	switch {
	case c.role.crowd == 0:
		return 0
	case c.role.peer == 0 || c.role.peer == cpu:
		return everybody
	}
	return max(2, c.calls.n/2)
}

// mayEnd tells whether ctx may end. It has ctx make the channel that tells when only if there is no other way: most
// calls are over before anybody waits for that.
func mayEnd(ctx context.Context) bool {
	if lazy, ok := ctx.(interface{ MayEnd() bool }); ok {
		return lazy.MayEnd()
	}
	if _, limited := ctx.Deadline(); limited {
		return true
	}
	return ctx.Done() != nil
}

// refusalLocked is why a new call cannot be made. A call for the sake of one
// that is being served is made even while the connection drains.
func (c *Conn) refusalLocked(ctx context.Context) error {
	if c.err != nil {
		return c.err
	}
	if c.drain.begun() && ctx.Value(servedBy{c}) == nil {
		return ErrDraining
	}
	if c.cfg.Calls < c.cfg.MaxCalls && c.calls.n+len(c.owed) >= c.cfg.Calls {
		return c.tooManyCalls()
	}
	if c.calls.n+len(c.owed) >= c.cfg.MaxCalls {
		return fmt.Errorf("%d calls are unanswered, and the other side takes no more", c.cfg.MaxCalls)
	}
	return nil
}

func (c *Conn) limit() int { return min(c.cfg.MaxMessage, c.cfg.PeerMaxMessage) }

// await waits for the reply: reading, or waiting for who reads.
func (c *Conn) await(ctx context.Context, call *call, reply codec.Message) (Fate, error) {
	ev := c.join(call)
	for {
		switch ev {
		case eventLead:
			ev = c.lead(call)
		case eventDone:
			return c.finish(ctx, call, reply)
		case eventDead:
			return c.lost(call), c.Err()
		case eventWait:
			ended := ctx.Done()
			if ended == nil {
				ev = <-call.events // which is cheaper
				continue
			}
			select {
			case ev = <-call.events:
			case <-ended:
				if fate, gone := c.abandon(call, ctx.Err()); gone {
					return fate, ctx.Err()
				}
				ev = eventDone
			}
		}
	}
}

// lost is the fate of a call whose connection ended.
func (c *Conn) lost(call *call) Fate {
	if call.large != nil && call.large.giveUp() {
		return NotDelivered
	}
	return MaybeExecuted
}

// abandon gives a call up and tells the peer why, unless its reply is there already.
func (c *Conn) abandon(call *call, why error) (fate Fate, gone bool) {
	fate = c.lost(call)
	if !c.forget(call, fate == MaybeExecuted) {
		return Executed, false
	}
	if fate == MaybeExecuted {
		h := frame.Header{Kind: frame.Cancel, ID: call.id}
		if errors.Is(why, context.DeadlineExceeded) {
			h.Flags = frame.Deadline
		}
		c.out.post(control(h))
	}
	return fate, true
}

// forget drops a call unless its reply is there. It is owed if a reply will
// still come. The call is not reused: an event may be on its way to it.
func (c *Conn) forget(call *call, owed bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call.state == eventDone {
		return false
	}
	c.calls.remove(call)
	if owed {
		c.owed[call.id] = true
	}
	c.unwaitLocked(call)
	select {
	case ev := <-call.events:
		if ev == eventLead {
			c.passLocked()
		}
	default:
	}
	c.quietLocked()
	return true
}
