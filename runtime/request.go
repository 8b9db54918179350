package pingo

import (
	"context"
	"fmt"
	"reflect"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/service"
)

// request is a call that somebody makes.
//
// From here to where its goroutine waits for the reply are as few functions as possible: when it goes on, another
// goroutine has run on its processor, which predicts none of the returns.
type request struct {
	side        side
	by          *boundCaller  // whose contract has the method; nil if none is known
	how         *codec.Method // to make it, by its directives
	method      string
	args, reply any
	intercepted bool // this is what the interceptors go on with
}

// plain is a request of which no more is known than this.
func plain(s side, method string, args, reply any) *request {
	return &request{side: s, how: &ordinary, method: method, args: args, reply: reply}
}

// deliver makes the call within the interceptors of its side, without which it allocates nothing: over the link that there
// is, and again over the next one as repeat has it.
func (r *request) deliver(ctx context.Context) error {
	needContext(ctx)
	if list := r.side.interceptors(); len(list) > 0 && !r.intercepted {
		return r.intercept(ctx, list)
	}
	m := r.side.counted(r.method)
	m.begin()
	begun := clock.Now()
	if r.how.Timeout > 0 && !r.side.standsStill() {
		if _, has := ctx.Deadline(); !has {
			t := withDeadline(ctx, begun.After(r.how.Timeout))
			defer t.end()
			ctx = t
		}
	}
	l, err := r.side.link(ctx, nil)
	if err != nil {
		err = r.side.refused(r.method, err)
	} else if err = r.over(ctx, l); err != nil {
		err = r.repeat(ctx, l, err)
	}
	m.end(begun, err)
	if err != nil {
		if _, made := ctx.(*timeout); made {
			err = ofTimeout(err, r.how.Timeout)
		}
		r.side.callFailed(r.method, err)
	}
	return err
}

// intercept makes the call as interceptors want it.
func (r *request) intercept(ctx context.Context, list []Interceptor) error {
	call := r.side.callOf(r.method, r.args, r.reply)
	if r.by != nil {
		call.Contract = r.by.contract
	}
	next := *r
	next.intercepted = true
	refused := func(err error) error { return next.side.refused(next.method, err) }
	return intercepted(ctx, list, call, refused, next.deliver)
}

// over makes the call over one link.
func (r *request) over(ctx context.Context, l *link) error {
	reply := r.reply
	if r.by != nil {
		f := r.by.fit(l)
		if err := f.refusal(r.method); err != nil {
			return r.side.refused(r.method, err)
		}
		if r.how.Oneway {
			return l.post(ctx, r.method, r.args)
		}
		reply = f.into(reply, r.method, l.limit)
	}
	in, generated := r.args.(codec.Message)
	out, generatedReply := reply.(codec.Message)
	gob := !generated || !generatedReply
	if gob {
		if err := checkReply(reply); err != nil {
			return l.failed(r.method, conn.NotDelivered, err)
		}
		in, out = &service.Gob{Value: r.args}, &service.Gob{Value: reply}
	}
	fate, err := l.conn.Call(ctx, r.method, gob, in, out)
	if err == nil {
		return nil
	}
	return l.explain(ctx, r.method, fate, err, l.conn.Err())
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
