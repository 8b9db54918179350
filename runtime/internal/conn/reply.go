package conn

import (
	"context"
	"errors"
	"fmt"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// deliver hands a reply to its caller, and with it those that came together. A reply to a call that was given up is dropped.
func (c *Conn) deliver(m message) error {
	var imports []uint64
	if m.Flags&frame.RepliedRefs != 0 {
		var err error
		if m.payload, imports, err = cutNumbers(m.payload); err != nil {
			return m.drop(err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for more := true; more; m, more = c.in.commonReply() {
		if err := c.deliverLocked(m, imports); err != nil {
			return err
		}
		imports = nil
	}
	c.quietLocked()
	return nil
}

// deliverLocked is deliver for one of them. Behind its message stand imports.
func (c *Conn) deliverLocked(m message, imports []uint64) error {
	call := c.calls.get(m.ID)
	if call != nil && call.posted != nil {
		c.calls.remove(call)
		c.owed[m.ID] = true
		call.state = eventDone
		call = nil
	}
	if call == nil {
		c.in.arrivals.claim(m.files).Close()
		if len(imports) > 0 {
			c.spawnLocked(func() { c.disown(imports) })
		}
		return c.dropLocked(m.ID)
	}
	if m.CPU != 0 {
		c.role.peer = m.CPU
	}
	c.calls.remove(call)
	call.flags, call.imports, call.files, call.owned = m.Flags, imports, m.files, m.owned
	call.reply = m.payload
	if !m.owned {
		call.buf = append(call.buf[:0], m.payload...)
		call.reply = call.buf
	}
	c.in.replies++
	c.unwaitLocked(call)
	call.signal(eventDone)
	if call == c.in.own {
		c.in.own = nil
	}
	return nil
}

// dropLocked is for a reply that nobody waits for.
func (c *Conn) dropLocked(id uint64) error {
	switch {
	case id > c.calls.last:
		return fmt.Errorf("reply to call %d, which was never made", id)
	case !c.owed[id]:
		return fmt.Errorf("second reply to call %d, or a reply to a number that was left out", id) // which nobody remembers
	}
	delete(c.owed, id)
	return nil
}

// finish decodes the reply that has come. It runs on the caller's goroutine
// without the reader role, since decoding may run the user's code.
func (c *Conn) finish(ctx context.Context, call *call, reply codec.Message) (Fate, error) {
	dec := &call.dec // not a variable, which would be an allocation
	dec.Reset(call.reply, call.owned)
	dec.Attach(c, call.imports, nil)
	dec.Bring(c.in.arrivals.claim(call.files))
	defer func() {
		dec.CloseFiles()
		c.recycle(call)
	}()
	if call.imports != nil {
		dec.ReplyTo(ctx, call.method)
	}
	fate, err := decodeReply(dec, call.flags, reply)
	if call.imports != nil {
		dec.ReleaseUnclaimed()
		c.follow(ctx, call.id, dec.Claimed())
	}
	return fate, err
}

func (c *Conn) recycle(call *call) {
	select {
	case <-call.events: // the leader who read it told itself as well
	default:
	}
	call.large, call.reply, call.imports, call.files, call.owned = nil, nil, nil, nil, false
	call.dec.Reset(nil, false)
	c.idle.Put(call)
}

// ReplyError is what a call returns that was executed, but whose outcome did not
// make it here: it is not an error of the implementation.
type ReplyError struct{ Err error }

func (e *ReplyError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ReplyError) Unwrap() error { return e.Err }

// decodeReply turns a reply into results and error.
func decodeReply(dec *codec.Decoder, flags frame.Flags, reply codec.Message) (Fate, error) {
	switch {
	case flags&frame.Refused != 0:
		return NotDelivered, replyError(dec)
	case flags&frame.Panicked == frame.Panicked:
		p := &PanicError{Value: dec.String(), Stack: dec.String()}
		if err := dec.Err(); err != nil {
			return Executed, &ReplyError{fmt.Errorf("cannot decode the report of a panic: %w", err)}
		}
		return Executed, p
	case flags&frame.Failed != 0:
		return Executed, &ReplyError{replyError(dec)}
	}
	reply.Decode(dec)
	var err error
	if flags&frame.WithErr != 0 {
		err = dec.Error()
	}
	if bad := dec.Message(&codec.Nothing{}); bad != nil { // whatever is left does not belong to the reply
		return Executed, &ReplyError{fmt.Errorf("cannot decode the reply: %w", bad)}
	}
	return Executed, err
}

func replyError(dec *codec.Decoder) error {
	err := dec.Error()
	if bad := dec.Err(); bad != nil {
		return fmt.Errorf("cannot decode the error in the reply: %w", bad)
	}
	if err == nil {
		return errNoReason
	}
	return err
}

// errNoReason stands for what a peer does not say.
var errNoReason = errors.New("the other side does not say why")
