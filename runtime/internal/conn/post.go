package conn

import (
	"context"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Post calls the peer's method and returns when the call is written, or is in the
// hands of who writes for others too. Its reply is dropped; until it comes, the call
// counts among those that Drain waits for. With an error, the call was not delivered,
// or the fate says that it may have been.
func (c *Conn) Post(ctx context.Context, method string, args codec.Message) (Fate, error) {
	return c.post(ctx, target{method: method}, args)
}

func (c *Conn) post(ctx context.Context, to target, args codec.Message) (Fate, error) {
	if err := ctx.Err(); err != nil {
		return NotDelivered, err
	}
	o, err := c.encodeCall(ctx, to, args)
	if err != nil {
		return NotDelivered, err
	}
	o.posted = make(chan struct{})
	call, err := c.start(ctx, o)
	if err != nil {
		return NotDelivered, err
	}
	if call.large == nil {
		return Executed, nil
	}
	select {
	case <-call.posted:
		return Executed, nil
	case <-c.done:
		if c.answered(call) {
			return Executed, nil
		}
		return c.lost(call), c.Err()
	case <-ctx.Done():
		if fate, gone := c.abandon(call, ctx.Err()); gone {
			return fate, ctx.Err()
		}
		return Executed, nil
	}
}

// PostReference implements codec.Peer.
func (c *Conn) PostReference(ctx context.Context, id uint64, from, method string, args codec.Message) error {
	fate, err := NotDelivered, codec.ErrReleased
	if id != 0 {
		fate, err = c.post(ctx, target{id: id, method: method}, args)
	}
	return c.explain(ctx, from, method, fate, err)
}

// answered tells whether the reply to a call that was posted has come, which may be before
// its writer knows that it is written.
func (c *Conn) answered(call *call) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return call.state == eventDone
}

// written tells who posted a large message. The call may be over by now, and be another one.
func (o *outgoing) written() {
	if o.posted != nil {
		close(o.posted)
	}
}
