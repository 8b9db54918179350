package pingo

import (
	"context"
	"net"

	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/service"
)

// InProcess is a plugin without a process of its own, for tests: see package
// pingotest. Clients are made from it as they are from a Plugin, and their calls
// take the same way, as bytes over a connection, so that arguments and results
// arrive as copies and errors as the other side would see them. What the plugin
// prints, how it crashes, and [Host] are not part of it.
type InProcess struct {
	unattended
	l      link
	plugin *conn.Conn // the other end
}

// inProcessName is what errors call it by.
const inProcessName = "in process"

// NewInProcess runs register, which calls generated Register functions, or Register,
// and serves what it registers. Nothing else of the program sees that. It has to be closed.
func NewInProcess(register func()) (*InProcess, error) {
	served := registeredBy(register)
	p := &InProcess{}
	p.l.name, p.l.limit = inProcessName, DefaultMaxMessage
	p.l.clients.other = pluginName
	p.l.because = func(context.Context, error) error { return ErrStopped }
	ours, theirs := net.Pipe()
	hello := handshake.Hello{MaxMessage: p.l.limit, Objects: served.Objects()}
	for _, c := range served.Contracts() {
		hello.Contracts = append(hello.Contracts, *c)
	}
	welcomed := make(chan error, 1)
	go func() {
		_, err := handshake.Welcome(theirs, hello)
		welcomed <- err
	}()
	var err error
	if p.l.peer, err = handshake.Greet(context.Background(), ours, handshake.Hello{MaxMessage: p.l.limit}); err == nil {
		err = <-welcomed
	}
	if err == nil {
		err = p.l.clients.greet(nil, p.l.peer.Contracts)
	}
	if err != nil {
		_ = ours.Close() // nothing of use was said on it
		return nil, err
	}
	p.open(ours, theirs, served)
	return p, nil
}

// open makes both ends of the connection.
func (p *InProcess) open(ours, theirs net.Conn, served *service.Registry) {
	callers := newCallers(nil, p.l.limit, hostName)
	plugin := link{name: "host", limit: p.l.limit, because: hostEnded}
	plugin.open(theirs, conn.Config{Lookup: callers.lookup(served), Described: callers.add})
	p.plugin = plugin.conn
	p.l.open(ours, conn.Config{})
}

// registeredBy returns what register registers.
func registeredBy(register func()) *service.Registry {
	aside.Lock()
	defer aside.Unlock()
	served := new(service.Registry)
	redirect := func(to *service.Registry) {
		server.mu.Lock()
		defer server.mu.Unlock()
		server.aside = to
	}
	redirect(served)
	defer redirect(nil)
	register()
	return served
}

// CallContext implements Caller.
func (p *InProcess) CallContext(ctx context.Context, method string, args, reply any) error {
	return plain(p, method, args, reply).deliver(ctx)
}

// References counts what the two sides keep for each other, as Plugin.References does.
func (p *InProcess) References() (exported, imported int) { return p.l.conn.References() }

// Close ends it: calls that are under way fail. It returns when nothing of it is left,
// but for implementations that do not return.
func (p *InProcess) Close() {
	p.l.conn.Close(ErrStopped)
	p.plugin.Close(nil)
}

// link implements side.
func (p *InProcess) link(context.Context, *link) (*link, error) { return &p.l, nil }

// interceptors implements side.
func (p *InProcess) interceptors() []Interceptor { return nil }

// callOf implements side.
func (p *InProcess) callOf(string, any, any) *Call { return nil }

// refused implements side.
func (p *InProcess) refused(method string, err error) error {
	return &CallError{Plugin: inProcessName, Method: method, Fate: NotDelivered, Err: err}
}
