package conn

import (
	"context"
	"errors"

	"github.com/pingogen/pingogen/runtime/codec"
)

// ErrBusy is why Begin does not begin a call: the peer does not keep up.
var ErrBusy = errors.New("too much waits to be written")

// Begin is Call for who does not wait, neither for the reply nor for a peer that
// does not read: it returns when the message is written, or in the hands of who writes. Then
// calls done, on another goroutine, once the reply is filled or will not come; not at
// all when the connection has ended. An error, such as ErrBusy, means that nothing was sent, and
// done is not called. Calls can be begun while the connection drains, as long as it is there.
func (c *Conn) Begin(method string, args, reply codec.Message, done func(Fate, error)) error {
	ctx := context.WithValue(context.Background(), servedBy{c}, true)
	if c.out.isBusy() {
		return ErrBusy
	}
	o, err := c.encodeCall(ctx, target{method: method}, args)
	if err != nil {
		return err
	}
	o.prompt = true
	call, err := c.start(ctx, o)
	if err != nil {
		return err
	}
	c.spawn(func() { done(c.await(ctx, call, reply)) })
	return nil
}

// isBusy tells whether so much waits that prompt senders are sent away.
func (w *writer) isBusy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting) > maxWaiting/2
}

// trySend is send that does not wait.
func (w *writer) trySend(f []byte) error {
	w.mu.Lock()
	if w.err != nil || len(w.waiting) > maxWaiting {
		defer w.mu.Unlock()
		if w.err != nil {
			return w.err
		}
		return ErrBusy
	}
	w.waiting = append(w.waiting, f...)
	w.mu.Unlock()
	w.flush()
	return nil
}
