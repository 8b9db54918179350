package pingo

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/service"
)

// Call is CallContext without a context: it waits as long as it takes.
func (p *Plugin) Call(name string, args, resp any) error {
	return p.CallContext(context.Background(), name, args, resp)
}

// CallContext calls the plugin's method "Object.Method" with args, and fills
// resp, which is a pointer, or nil to drop the reply. It waits until the plugin
// is ready; if the plugin did not start, it returns why. It returns as soon as
// ctx ends, and the deadline and the end of ctx reach the context of the
// implementation.
//
// Generated clients pass messages of their own. Anything else travels as
// encoding/gob writes it, to an object in the style of net/rpc.
//
// An error that the implementation returned is returned as it is. Any other is a
// [*CallError], except that a start that failed may return one of
// [ErrConnectionFailed], [ErrHttpServe], [ErrInvalidMessage] and
// [ErrRegistrationTimeout] as it stands. [FateOf] tells of each whether the
// implementation ran.
func (p *Plugin) CallContext(ctx context.Context, name string, args, resp any) error {
	s, err := p.await(ctx)
	if err != nil {
		return p.refused(name, err)
	}
	return s.call(ctx, name, args, resp)
}

// await returns the session once there is one.
func (p *Plugin) await(ctx context.Context) (*session, error) {
	if s := p.session.Load(); s != nil {
		return s, nil
	}
	if !p.hasBegun() {
		return nil, ErrNotStarted
	}
	select {
	case <-p.settled:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s := p.session.Load(); s != nil {
		return s, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return nil, p.startErr
}

func (p *Plugin) hasBegun() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started || p.stopped
}

// refused is the error of a call that found no running plugin.
func (p *Plugin) refused(method string, err error) error {
	switch err.(type) {
	case ErrConnectionFailed, ErrHttpServe, ErrInvalidMessage, ErrRegistrationTimeout:
		return err
	}
	return &CallError{Plugin: p.String(), Method: method, Fate: NotDelivered, Err: err}
}

// call makes one call on a running plugin.
func (s *session) call(ctx context.Context, method string, args, resp any) error {
	in, generated := args.(codec.Message)
	out, generatedReply := resp.(codec.Message)
	if !generated || !generatedReply {
		if err := checkReply(resp); err != nil {
			return s.failed(method, conn.NotDelivered, err)
		}
		in, out = &service.Gob{Value: args}, &service.Gob{Value: resp}
	}
	fate, err := s.conn.Call(ctx, method, !generated || !generatedReply, in, out)
	if err == nil {
		return nil
	}
	return s.explain(ctx, method, fate, err)
}

// checkReply refuses what a reply cannot be decoded into before the call is made.
func checkReply(resp any) error {
	if resp == nil {
		return nil
	}
	if v := reflect.ValueOf(resp); v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("the reply is a %T; pass a pointer that is not nil, or nil to drop the reply", resp)
	}
	return nil
}

// explain turns the connection's error of a call into what the caller gets.
func (s *session) explain(ctx context.Context, method string, fate conn.Fate, err error) error {
	var panicked *conn.PanicError
	var reply *conn.ReplyError
	switch end := s.conn.Err(); {
	case fate != conn.Executed && end != nil && err == end: // as it stands: the implementation may have returned io.EOF, too
		err = s.endOf(ctx, end)
	case errors.Is(err, conn.ErrDraining) && s.plugin.isStopped():
		err = ErrStopped
	case errors.As(err, &panicked):
		err = &PanicError{Value: panicked.Value, Stack: panicked.Stack}
	case fate == conn.Executed && !errors.As(err, &reply):
		return err // the implementation's own
	}
	return s.failed(method, fate, err)
}

func (s *session) failed(method string, fate conn.Fate, err error) error {
	return &CallError{Plugin: s.plugin.String(), Method: method, Fate: Fate(fate), Err: err}
}
