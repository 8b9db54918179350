package pingo

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/process"
)

// running is the process of a session: usually a *process.Process.
type running interface {
	Pid() int
	Exited() <-chan struct{}
	AfterExit(func()) (stop func() bool)
	Exit() process.Exit
	Stderr() []string
	Terminate()
	Kill()
	Flush(time.Duration)
	Deliver(time.Duration)
}

// attached is a process that somebody else has started. It is over for its host when
// the connection is, and lives on.
type attached struct {
	pid  int
	over context.Context
	end  context.CancelFunc
}

func newAttached() *attached {
	a := new(attached)
	a.over, a.end = context.WithCancel(context.Background())
	return a
}

func (a *attached) Pid() int                              { return a.pid }
func (a *attached) Exited() <-chan struct{}               { return a.over.Done() }
func (a *attached) AfterExit(f func()) (stop func() bool) { return context.AfterFunc(a.over, f) }
func (a *attached) Exit() process.Exit                    { return process.Exit{Code: -1} }
func (a *attached) Stderr() []string                      { return nil }
func (a *attached) Terminate()                            { a.Kill() }
func (a *attached) Kill()                                 { a.end() }
func (a *attached) Flush(time.Duration)                   {}
func (a *attached) Deliver(time.Duration)                 {}

// attach makes a session of a program that listens.
func (p *Plugin) attach(ctx context.Context, path, file string) (*session, int, error) {
	if p.cfg.Sandbox != nil {
		return nil, 0, fmt.Errorf("attaching to the program of %s=%s: a program that runs already cannot be put into Config.Sandbox; leave one of them out", envAttach, os.Getenv(envAttach))
	}
	proc := newAttached()
	s := p.newSession(path, proc)
	err := s.connect(ctx, func(ctx context.Context) (c net.Conn, err error) {
		c, proc.pid, err = handshake.Dial(ctx, file)
		s.pid = proc.pid
		return c, err
	})
	if err != nil {
		return nil, s.pid, s.abort(ctx, fmt.Errorf("attaching to the program of %s=%s: %w", envAttach, os.Getenv(envAttach), err))
	}
	p.tell(EventStarted{p.nowOf(path, s.pid)})
	p.rest.Go(func() {
		<-s.conn.Done()
		proc.Kill()
	})
	return s, s.pid, nil
}

// serveAttached serves one host after the other, until ctx ends.
func serveAttached(ctx context.Context) error {
	l, err := handshake.NewListener()
	if err != nil {
		return fmt.Errorf("pingo: no host can attach: %w", err)
	}
	defer l.Close()
	connections := make(chan net.Conn)
	for {
		go func() {
			c, err := l.Accept(func() {
				fmt.Fprintf(os.Stderr, "pingo: process %d waits for its host. Start that with\n\n\t%s=%s=%s\n\n", os.Getpid(), envAttach, baseName(os.Args[0]), l.File)
			})
			if err != nil {
				fmt.Fprintln(os.Stderr, "pingo: no host can attach:", err)
				return
			}
			connections <- c
		}()
		select {
		case <-ctx.Done():
			return nil
		case c := <-connections:
			serveHost(ctx, c)
		}
	}
}

// serveHost serves a host until it has gone, however that was.
func serveHost(ctx context.Context, nc net.Conn) {
	peer, err := handshake.Welcome(nc, served())
	if err != nil {
		_ = nc.Close()
		fmt.Fprintln(os.Stderr, "pingo: the host cannot be talked to:", err)
		return
	}
	l := openToHost(nc, peer, func(*link) {})
	theHost.settle(l, nil)
	select {
	case <-l.conn.Done():
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.Background(), departTime)
		defer cancel()
		depart(grace, context.Cause(ctx), l.conn)
	}
	l.conn.Close(conn.ErrClosed)
}
