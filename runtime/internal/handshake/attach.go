package handshake

import (
	"bufio"
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

// headStart is what a program gets to come to Answer by itself. Most do so at once, and need nobody who
// watches the host meanwhile.
const headStart = 10 * time.Millisecond

// Attachment is a plugin's way to its host. It is there soon, also if the program takes long until it is
// ready to serve, so that a host which ends meanwhile is missed.
type Attachment struct {
	gone    func()
	accept  func() (net.Conn, error)
	late    *time.Timer   // runs run when the head start is over
	watched chan error    // why watch returned; capacity 1
	ready   chan struct{} // closed when the following are set
	conn    net.Conn
	peer    Hello
	err     error
}

// Attach makes the connection to the host, if this process has one, and reads
// its Hello, at the latest after a moment; neither takes time of the caller. It calls gone once if the host
// ends before Answer has answered.
func Attach(gone func()) *Attachment {
	if fromHost.err != nil {
		a := &Attachment{err: fromHost.err, ready: make(chan struct{})}
		close(a.ready)
		return a
	}
	return attach(fromHost.accept, gone, headStart)
}

func attach(accept func() (net.Conn, error), gone func(), after time.Duration) *Attachment {
	a := &Attachment{gone: gone, accept: accept, watched: make(chan error, 1), ready: make(chan struct{})}
	a.late = time.AfterFunc(after, a.run)
	return a
}

// run meets the host, and watches it if it is there.
func (a *Attachment) run() {
	if a.meet() {
		a.watched <- a.watch()
	}
}

// meet makes the connection, and tells whether the host has said Hello.
func (a *Attachment) meet() bool {
	if a.conn, a.err = a.accept(); a.err == nil {
		a.err = a.listen()
	}
	close(a.ready)
	if errors.Is(a.err, ErrGone) {
		a.gone()
	}
	return a.err == nil
}

// listen reads the host's Hello. The host has nothing more to say before the answer.
func (a *Attachment) listen() error {
	r := bufio.NewReaderSize(a.conn, 512) // most have less
	if err := readHello(r, &a.peer); err != nil {
		return goneUnlessInvalid(err)
	}
	if r.Buffered() > 0 {
		return errOutOfTurn
	}
	return nil
}

var errOutOfTurn = &InvalidError{errors.New("the host spoke out of turn")}

// watch reads, where nothing is to come before the answer, until the host is gone
// or Answer interrupts it.
func (a *Attachment) watch() error {
	n, err := a.conn.Read(make([]byte, 1))
	switch {
	case n > 0:
		return errOutOfTurn
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
	watched := a.begin(ctx)
	select {
	case <-a.ready:
	case <-ctx.Done():
		return nil, Hello{}, context.Cause(ctx)
	}
	if a.err != nil {
		return nil, Hello{}, a.err
	}
	var err error
	if watched {
		err = a.unwatch()
	}
	if err == nil {
		err = a.answer(ctx, &h)
	}
	if err != nil {
		_ = a.conn.Close() // nothing of use was said on it
		return nil, Hello{}, err
	}
	return a.conn, a.peer, nil
}

// begin meets the host, unless that has begun, and tells whether somebody watches it. Who may not be interrupted does
// it alone.
func (a *Attachment) begin(ctx context.Context) (watched bool) {
	switch {
	case a.late == nil || !a.late.Stop():
		return true
	case ctx.Done() != nil:
		go a.run()
		return true
	}
	a.meet()
	return false
}

// unwatch has watch end.
func (a *Attachment) unwatch() error {
	_ = a.conn.SetReadDeadline(time.Unix(1, 0)) // a closed connection needs no interruption
	err := <-a.watched
	_ = a.conn.SetReadDeadline(time.Time{}) // as above
	return err
}

func (a *Attachment) answer(ctx context.Context, h *Hello) error {
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
