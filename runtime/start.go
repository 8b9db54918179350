package pingo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/diagnose"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/logs"
	"github.com/pingogen/pingogen/runtime/internal/process"
	"github.com/pingogen/pingogen/runtime/internal/service"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Start runs the plugin and returns at once. Calls wait until it is ready; if
// it does not become ready, they return why. A Plugin is started once: another
// Start does nothing while it lives, and after its end tells the ErrorHandler
// that it was in vain.
func (p *Plugin) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stopped:
		p.reports.error(fmt.Errorf("plugin %s: Start: %w", p, ErrStopped))
	case !p.started:
		p.started = true
		hosting.Store(true)
		go p.run()
	case isClosed(p.done):
		p.reports.error(fmt.Errorf("plugin %s: Start: the plugin has ended and cannot be started again; make a new Plugin", p))
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// run is the life of a plugin, and the one goroutine that owns its processes and
// their connections.
func (p *Plugin) run() {
	defer close(p.done)
	if p.cfg.Watch > 0 {
		p.rest.Go(p.watch)
	}
	err := p.supervise()
	p.publish(nil, err)
	close(p.ending)
	p.shut()
	p.rest.Wait()
	if errors.Is(err, ErrStopped) {
		err = nil
	}
	if err != nil {
		p.reports.error(fmt.Errorf("plugin %s: %w", p, err))
	}
	p.tell(EventStopped{p.now(p.pid), err})
	p.reports.errors.wait(deliveryTime)
	p.events.wait(deliveryTime)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

// launch starts the executable at path over the first transport that can be set up. Pid is that of
// the process, also of one that did not become ready; 0 if there was none.
func (p *Plugin) launch(ctx context.Context, path string) (s *session, pid int, err error) {
	ctx, cancel := p.startContext(ctx)
	defer cancel()
	if err := wrongSetting(); err != nil {
		return nil, 0, err
	}
	if file := attachesTo(path); file != "" {
		return p.attach(ctx, path, file)
	}
	ways := p.cfg.ways()
	for {
		s, pid, err = p.launchOver(ctx, path, ways[0])
		var setUp *setUpError
		if !errors.As(err, &setUp) {
			return s, pid, p.cfg.whyNoStart(path, err)
		}
		if len(ways) == 1 {
			return nil, pid, setUp.err
		}
		if p.cfg.toldOf(ways[0]) {
			p.reports.error(fmt.Errorf("plugin %s: %s cannot be set up, trying %s: %w", p, ways[0], ways[1], setUp.err))
		}
		ways = ways[1:]
	}
}

// startContext ends when the time for the start is over, or when the plugin is stopped or has ended.
func (p *Plugin) startContext(ctx context.Context) (context.Context, func()) {
	late := ErrRegistrationTimeout{errors.New("the plugin was not ready in time")}
	ctx, cancel := context.WithTimeoutCause(ctx, p.cfg.StartTimeout, late)
	ctx, stop := context.WithCancelCause(ctx)
	forget := context.AfterFunc(p.open, func() { stop(p.over()) }) // what is swapped in would come too late, too
	return ctx, func() {
		forget()
		stop(nil)
		cancel()
	}
}

// over is why there will be no session any more; nil if there may.
func (p *Plugin) over() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return ErrStopped
	}
	return p.final
}

// setUpError says that a transport cannot be used here, whatever the plugin is.
type setUpError struct{ err error }

func (e *setUpError) Error() string { return e.err.Error() }

// newOffer sets a transport up; tests let it fail.
var newOffer = handshake.NewOffer

// launchOver runs the process and connects to it.
func (p *Plugin) launchOver(ctx context.Context, path string, way handshake.Way) (*session, int, error) {
	as, err := p.cfg.identity()
	if err != nil {
		return nil, 0, err
	}
	env, err := p.environment(as)
	if err != nil {
		return nil, 0, err
	}
	way.Directory, way.As = p.cfg.SocketDirectory, as.process()
	offer, err := newOffer(way)
	if err != nil {
		return nil, 0, &setUpError{ErrConnectionFailed{err}}
	}
	defer offer.Close()
	image, err := p.cfg.secure(ctx, path)
	if err != nil {
		return nil, 0, p.cfg.overdue(diagnose.LateChecksum, err)
	}
	var pid atomic.Int64
	proc, err := process.Start(process.Config{
		Path:       path,
		Args:       p.cfg.Args,
		Dir:        p.cfg.Dir,
		Env:        env,
		As:         as.process(),
		Files:      p.cfg.Files,
		Pass:       offer.Files(),
		Refs:       offer.Env,
		Image:      image,
		Limits:     p.cfg.Limits.process(),
		Sandbox:    p.cfg.Sandbox.process(way.Transport, offer.Directory()),
		OutputRate: max(0, p.cfg.Limits.OutputRate),
		Flood: func() {
			p.reports.error(fmt.Errorf("plugin %s: it has to wait: %w", p.named(path), p.cfg.Limits.exceeded("OutputRate")))
		},
		Line: func(line process.Line) {
			p.tell(EventOutput{p.nowOf(path, int(pid.Load())), line.Text, line.Stderr})
			p.reports.print(p.named(path), line.Text)
		},
	})
	if err != nil {
		image.Close()
		return nil, 0, p.cfg.Sandbox.explain(as.explain(err))
	}
	image.Started()
	pid.Store(int64(proc.Pid()))
	p.tell(EventStarted{p.nowOf(path, proc.Pid())})
	offer.Started()
	s := p.newSession(path, proc)
	s.image = image
	if err := s.connect(ctx, offer.Connect); err != nil {
		return nil, s.pid, s.abort(ctx, err)
	}
	return s, s.pid, nil
}

// newSession is a session of the executable at path that is not connected yet.
func (p *Plugin) newSession(path string, proc running) *session {
	s := &session{plugin: p, proc: proc, leaving: make(chan struct{}), ended: make(chan struct{})}
	s.name, s.pid, s.limit, s.because = p.named(path), proc.Pid(), p.cfg.MaxMessage, s.endOf
	s.clients.other = pluginName
	s.logs = logs.NewReceiver(func() slog.Handler { return p.logHandler(s.name) })
	return s
}

// connect makes the connection, exchanges the Hellos and compares the contracts.
func (s *session) connect(ctx context.Context, dial func(context.Context) (net.Conn, error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer s.proc.AfterExit(func() { cancel(errExited) })()
	dialed, err := dial(ctx)
	if err != nil {
		return err
	}
	c := dialed
	if wire := s.plugin.cfg.Wire; wire != nil {
		c = wire(c)
	}
	served := registered()
	hello, bound := s.plugin.hello(served)
	if s.peer, err = handshake.Greet(ctx, c, hello); err == nil {
		err = s.clients.greet(bound, s.peer.Contracts)
	}
	if err == nil {
		err = s.share(dialed)
	}
	if err != nil {
		_ = c.Close() // nothing of use was said on it
		return err
	}
	callers := newCallers(nil, s.limit, pluginName)
	s.open(c, conn.Config{
		Lookup:         interceptServed(s.plugin.cfg.Intercept, s.name, callers.lookup(served, s.internal())),
		Described:      callers.add,
		Draining:       s.takesLeave,
		Leaves:         s.peer.Leaves,
		MaxMessage:     s.plugin.cfg.MaxMessage,
		PeerMaxMessage: s.peer.MaxMessage,
		Calls:          s.plugin.cfg.Limits.Calls,
		Arguments:      s.plugin.cfg.Limits.Arguments,
		References:     s.plugin.cfg.Limits.References,
		Window:         s.plugin.cfg.Limits.StreamCredit,
	})
	return nil
}

// internal is what the host serves beside what is registered.
func (s *session) internal() *service.Registry {
	var r service.Registry
	if err := r.RegisterService(s.logs.Service()); err != nil {
		panic(err) // it is right, or it never is
	}
	return &r
}

var errExited = errors.New("the plugin exited")

// hello is what the host says first, and the contracts that were bound until
// then: the Hello has one of each name. It also says what the host serves.
func (p *Plugin) hello(served *service.Registry) (handshake.Hello, []*codec.Contract) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := handshake.Hello{MaxMessage: p.cfg.MaxMessage, StreamCredit: p.cfg.Limits.StreamCredit, Objects: served.Objects(), Leaves: true}
	for _, c := range slices.Concat(p.bound, served.Contracts(), []*codec.Contract{&logs.Contract}) {
		if contractNamed(h.Contracts, c.Name) == nil {
			h.Contracts = append(h.Contracts, *c)
		}
	}
	return h, p.bound
}

// abort ends a plugin that did not become ready, and says why it did not.
func (s *session) abort(ctx context.Context, err error) error {
	if lost(err) || undialed(err) { // then it is most likely about to exit
		switch {
		case clock.Wait(ctx, s.proc.Exited(), exitTime):
			err = errExited
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case lost(err):
			err = ErrInvalidMessage{errors.New("the plugin closed the connection before it was ready, and lives on")}
		}
	}
	s.proc.Kill()
	s.reap()
	var listen *handshake.ListenError
	var invalid *handshake.InvalidError
	switch {
	case errors.Is(err, errExited):
		return s.crashed()
	case errors.As(err, &listen):
		return &setUpError{ErrHttpServe{err}}
	case errors.As(err, &invalid):
		return ErrInvalidMessage{err}
	}
	switch err.(type) {
	case ErrRegistrationTimeout, ErrInvalidMessage, *ContractError:
		return err
	}
	if errors.Is(err, ErrStopped) {
		return err
	}
	return ErrConnectionFailed{err}
}

// undialed tells whether err means that nobody listens where the plugin said.
func undialed(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// lost tells whether err means that the other side closed the connection.
func lost(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || transport.IsReset(err)
}
