package handshake

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// ErrGone says that the host ended, or gave up, before the plugin was ready.
var ErrGone = errors.New("the host is gone")

// Attachment is a plugin's way to its host. It is there before the program is
// ready to serve, so that a host which ends meanwhile is missed.
type Attachment struct {
	gone    func()
	watched chan error    // why watch returned; capacity 1
	ready   chan struct{} // closed when the following are set
	conn    net.Conn
	peer    Hello
	err     error
}

// Attach makes the connection to the host, if this process has one, and reads
// its Hello; neither takes time of the caller. It calls gone once if the host
// ends before Answer has answered.
func Attach(gone func()) *Attachment {
	a := &Attachment{gone: gone, watched: make(chan error, 1), ready: make(chan struct{}), err: fromHost.err}
	if a.err != nil {
		close(a.ready)
		return a
	}
	go a.run(fromHost.accept)
	return a
}

func (a *Attachment) run(accept func() (net.Conn, error)) {
	if a.conn, a.err = accept(); a.err == nil {
		a.err = goneUnlessInvalid(readHello(a.conn, &a.peer))
	}
	close(a.ready)
	if a.err == nil {
		a.watched <- a.watch()
	} else if errors.Is(a.err, ErrGone) {
		a.gone()
	}
}

// watch reads, where nothing is to come before the answer, until the host is gone
// or Answer interrupts it.
func (a *Attachment) watch() error {
	n, err := a.conn.Read(make([]byte, 1))
	switch {
	case n > 0:
		return &InvalidError{errors.New("the host spoke out of turn")}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	}
	a.gone()
	return fmt.Errorf("%w: %w", ErrGone, err)
}

// goneUnlessInvalid makes ErrGone of what went wrong with a stream.
func goneUnlessInvalid(err error) error {
	if err == nil || errors.As(err, new(*InvalidError)) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrGone, err)
}

// Answer is the plugin's half of the exchange: it says h once the host has
// spoken, and returns the connection and what the host said. It is called once.
// Its error is ErrNoHost for a program that was started by hand.
func (a *Attachment) Answer(ctx context.Context, h Hello) (net.Conn, Hello, error) {
	select {
	case <-a.ready:
	case <-ctx.Done():
		return nil, Hello{}, context.Cause(ctx)
	}
	if a.err != nil {
		return nil, Hello{}, a.err
	}
	if err := a.answer(ctx, &h); err != nil {
		_ = a.conn.Close() // nothing of use was said on it
		return nil, Hello{}, err
	}
	return a.conn, a.peer, nil
}

func (a *Attachment) answer(ctx context.Context, h *Hello) error {
	_ = a.conn.SetReadDeadline(time.Unix(1, 0)) // a closed connection needs no interruption
	if err := <-a.watched; err != nil {
		return err
	}
	_ = a.conn.SetReadDeadline(time.Time{}) // as above
	sharing, shares := a.conn.(*transport.Sharing)
	h.Memory = shares
	err := bounded(ctx, a.conn, func() error {
		err := writeHello(a.conn, h)
		if err != nil && ctx.Err() == nil {
			a.gone()
			return fmt.Errorf("%w: %w", ErrGone, err)
		}
		return err
	})
	if err == nil && shares {
		err = sharing.Share()
	}
	return err
}
