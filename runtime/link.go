package pingo

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// link is a connection as those see it who call over it: a host's to its plugin,
// or a plugin's to its host.
type link struct {
	name    string // of the other side, for errors: as CallError.Plugin
	pid     int    // of a plugin
	conn    *conn.Conn
	limit   int             // of a message, in bytes
	peer    handshake.Hello // what the other side said
	clients clients         // and what this side's clients make of it
	// because tells why no call can be made any more, or why not yet another one,
	// from what the connection says of it.
	because func(ctx context.Context, end error) error
}

// open makes the connection. Handlers may run, and make calls, before open returns.
func (l *link) open(nc net.Conn, cfg conn.Config) {
	opened := cfg.Opened
	cfg.Opened = func(c *conn.Conn) {
		l.conn = c
		if opened != nil {
			opened(c)
		}
	}
	cfg.Explain = l.explain
	conn.New(transport.FromConn(nc), cfg)
}

// post makes a call that nobody waits for. Without an error it was written.
func (l *link) post(ctx context.Context, method string, args any) error {
	in, ok := args.(codec.Message)
	if !ok {
		return l.failed(method, conn.NotDelivered, fmt.Errorf("%T is not what generated code passes", args))
	}
	fate, err := l.conn.Post(ctx, method, in)
	if err == nil {
		return nil
	}
	return l.explain(ctx, method, fate, err, l.conn.Err())
}

// explain turns the connection's error of a call into what the caller gets. End
// is why the connection has ended, or nil.
func (l *link) explain(ctx context.Context, method string, fate conn.Fate, err, end error) error {
	var panicked *conn.PanicError
	var reply *conn.ReplyError
	switch {
	case fate != conn.Executed && end != nil && err == end: // as it stands: the implementation may have returned io.EOF, too
		err = l.because(ctx, end)
	case errors.Is(err, conn.ErrDraining):
		err = l.because(ctx, err)
	case errors.As(err, &panicked):
		err = &PanicError{Value: panicked.Value, Stack: panicked.Stack}
	case fate == conn.Executed && !errors.As(err, &reply):
		if !l.cutShort(ctx, err) {
			return err // the implementation's own
		}
		err = fmt.Errorf("%w: %w", err, l.because(ctx, conn.ErrDraining))
	}
	return l.failed(method, fate, err)
}

// cutShort tells whether what an implementation returned is due to a side that takes its leave, and not to ctx.
func (l *link) cutShort(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && (l.conn.Cancelled() || l.conn.Drained()) && ctx.Err() == nil
}

// isOver tells whether no call can be made over l any more, with the error of one
// that was refused or cut short.
func (l *link) isOver(refusal error) bool {
	return l.conn.Err() != nil || errors.Is(refusal, conn.ErrDraining) || errors.Is(refusal, ErrSwapped) || errors.Is(refusal, ErrStopped)
}

func (l *link) failed(method string, fate conn.Fate, err error) error {
	return &CallError{Plugin: l.name, Method: method, Fate: Fate(fate), Err: err, pid: l.pid}
}
