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
// A call that the plugin did not get, because it ended before, is made again over
// the next process, if Config.Restart provides for one. One that the plugin may
// have got is not, unless a generated client makes it whose method is
// //pingo:idempotent.
//
// Generated clients pass messages of their own. Anything else travels as
// encoding/gob writes it, to an object in the style of net/rpc.
//
// An error that the implementation returned is returned as it is. Any other is a
// [*CallError], except that a start that failed may return one of
// [ErrConnectionFailed], [ErrHttpServe], [ErrInvalidMessage] and
// [ErrRegistrationTimeout], with the CallError inside. [FateOf] tells of each whether the
// implementation ran. A nil ctx is a mistake of the program, and panics.
func (p *Plugin) CallContext(ctx context.Context, name string, args, resp any) error {
	return plain(p, name, args, resp).deliver(ctx)
}

// standsStill implements side.
func (p *Plugin) standsStill() bool { return p.debugged }

// interceptors implements side.
func (p *Plugin) interceptors() []Interceptor { return p.cfg.Intercept }

// callOf implements side.
func (p *Plugin) callOf(method string, args, reply any) *Call {
	return &Call{Method: method, Plugin: p.String(), Args: args, Reply: reply}
}

// counted implements side.
func (p *Plugin) counted(method string) *methodCounts { return p.counts.of(method) }

// needContext panics if there is no context, as packages net/http and os/exec do:
// what a nil one means, only who passes it could say.
func needContext(ctx context.Context) {
	if ctx == nil {
		panic("pingo: nil context: pass context.Background() or context.TODO()")
	}
}

// link implements side.
func (p *Plugin) link(ctx context.Context, after *link) (*link, error) {
	s, err := p.await(ctx, after)
	if err != nil {
		return nil, err
	}
	return &s.link, nil
}

// callFailed implements side.
func (p *Plugin) callFailed(method string, err error) {
	if p.wantsFailure(err) {
		p.tellFailure(p.String(), method, err)
	}
}

// wantsFailure tells whether the error of a call is an event. An error of the implementation is no failure.
func (p *Plugin) wantsFailure(err error) bool { return p.cfg.Events != nil && isFailure(err) }

// tellFailure tells of a call of what has this name, or of a process of it.
func (p *Plugin) tellFailure(name, method string, err error) {
	info := p.now(0)
	info.Plugin = name
	if failed, ok := err.(*CallError); ok && failed.pid != 0 {
		info.Plugin, info.Pid = failed.Plugin, failed.pid
	}
	p.tell(EventCallFailed{info, method, err})
}

// isFailure tells whether a call failed otherwise than by an error of the implementation.
func isFailure(err error) bool {
	_, ok := err.(*CallError)
	return ok || FateOf(err) != Executed
}

// refused implements side.
func (p *Plugin) refused(method string, err error) error { return refusedBy(p.String(), method, err) }

// refusedBy is the error of a call that found no running plugin.
func refusedBy(name, method string, err error) error {
	return inside(err, func(err error) error {
		return &CallError{Plugin: name, Method: method, Fate: NotDelivered, Err: err}
	})
}
