package pingo

import "context"

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

// link implements side.
func (p *Plugin) link(ctx context.Context) (*link, error) {
	s, err := p.await(ctx)
	if err != nil {
		return nil, err
	}
	return &s.link, nil
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
