package pingo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/process"
	"github.com/pingogen/pingogen/runtime/internal/service"
)

// What Serve returns besides errors of the handshake.
var (
	// ErrNoHost: the program was started by hand. The error that wraps it says
	// what the program serves.
	ErrNoHost = errors.New("this program is a plugin: it is started by its host, not by hand")
	// ErrHostGone: the host ended, or was killed, without stopping the plugin.
	ErrHostGone = errors.New("the host is gone")
)

// When the host is gone, handlers that look at their contexts get handlerTime to
// return, and the program may live goneTime in all; tests change that to hear what it says.
const handlerTime = 300 * time.Millisecond

var goneTime = 700 * time.Millisecond

// hostTime is how long a plugin whose connection ends while it still serves calls,
// though in order, waits for a sign that its host did not mean it. Tests change it.
var hostTime = time.Second

// When the context of Serve ends, calls get departTime to finish and then answerTime to answer that they were
// cancelled; tests change that.
var departTime, answerTime = DefaultGracePeriod, DefaultGracePeriod / 4

// host is there from the start of the program on, so that a plugin which does
// not serve yet ends with its host as well.
var host = handshake.Attach(endSoon)

// Run serves what is registered until the host stops the plugin, and then exits
// with status 0. A program that was started by hand says on stderr what it is and
// what it serves, and exits with status 2. If the host is gone, Run ends the
// program and what it started. Run returns only if the host cannot be talked to.
//
// While no call is under way for a second, the program's garbage is collected and given back to the system,
// if it is much beside what is in use: see [Serve].
//
// A program that has to clean up before it exits uses Serve.
func Run() error {
	_, err := serve(context.Background())
	switch {
	case err == nil:
		os.Exit(0)
	case errors.Is(err, ErrNoHost):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case errors.Is(err, ErrHostGone):
		process.KillOwnGroup()
		os.Exit(1)
	}
	return err
}

// Serve serves what is registered and returns nil when the host has stopped the
// plugin; the program should then exit within the host's GracePeriod. When ctx
// ends, Serve lets calls that are under way finish, for DefaultGracePeriod at
// most. Then it ends the contexts of those that are left, with the cause of ctx, and lets them answer, for a quarter of that,
// and returns nil as well. It can be called once.
//
// If the host is gone, Serve cancels the contexts of handlers that still run
// and returns ErrHostGone. The program then has a little less than a second
// before it is killed together with the processes that it started, and so does a
// program whose host goes before it has come to Serve.
//
// When there was no call for a second, and none is under way, Serve has the garbage collected and returned to
// the system, as debug.FreeOSMemory does, once until other calls come: if there may be 1 MiB of it or more, and a quarter of what is
// in use, and if that is no more than 64 MiB. It does not with GOGC=off, or after debug.SetGCPercent(-1), nor in a program that has
// started plugins itself. GOMEMLIMIT changes nothing about it.
func Serve(ctx context.Context) error {
	needContext(ctx)
	stopped, err := serve(ctx)
	if stopped {
		go func() {
			process.AwaitHostGone() // it would have ended what is left
			endSoon()
		}()
	}
	return err
}

// serve is Serve for a program that ends when it returns. It tells whether the host has stopped the plugin.
func serve(ctx context.Context) (stopped bool, _ error) {
	if err := beginServing(); err != nil {
		return false, err
	}
	if handshake.ByHand() && os.Getenv(envAttach) == "listen" {
		return false, serveAttached(ctx)
	}
	l, err := connect(ctx)
	theHost.settle(l, err)
	if err != nil {
		return false, err
	}
	return attend(ctx, l.conn)
}

// connect makes the connection to the host.
func connect(ctx context.Context) (*link, error) {
	nc, peer, err := host.Answer(ctx, served())
	switch {
	case errors.Is(err, handshake.ErrNoHost):
		return nil, byHand()
	case errors.Is(err, handshake.ErrGone):
		return nil, fmt.Errorf("%w: %w", ErrHostGone, err)
	case err != nil:
		return nil, fmt.Errorf("pingo: the host cannot be talked to: %w", err)
	}
	return openToHost(nc, peer, connectLogs), nil
}

// served is what the plugin says first.
func served() handshake.Hello {
	h := handshake.Hello{Objects: server.objects.Objects(), MaxMessage: math.MaxInt32, Leaves: true} // the host's limit holds
	for _, c := range slices.Concat(server.objects.Contracts(), server.internal.Contracts()) {
		h.Contracts = append(h.Contracts, *c)
	}
	return h
}

// openToHost makes the connection to a host that has said Hello. Opened sees it before
// any handler runs.
func openToHost(nc net.Conn, peer handshake.Hello, opened func(*link)) *link {
	l := &link{limit: cmp.Or(peer.MaxMessage, DefaultMaxMessage), peer: peer, because: hostEnded}
	l.clients.other = hostName
	_ = l.clients.greet(nil, peer.Contracts) // compares nothing yet
	callers := newCallers(peer.Contracts, l.limit, hostName)
	l.open(nc, conn.Config{
		Opened:         func(*conn.Conn) { opened(l) },
		Lookup:         interceptServed(server.intercept, "", callers.lookup(&server.objects, &server.internal)),
		Described:      callers.add,
		Draining:       theLogs.Flush,
		Leaves:         peer.Leaves,
		Left:           stoppingError{},
		Idle:           giveBack,
		MaxMessage:     peer.MaxMessage,
		PeerMaxMessage: peer.MaxMessage,
		Window:         peer.StreamCredit,
	})
	return l
}

func beginServing() error {
	server.mu.Lock()
	defer server.mu.Unlock()
	if server.running {
		return errors.New("pingo: Run or Serve was called before; they can be called once")
	}
	server.running = true
	server.protocol = protocolText
	theHost.made.Store(&server.intercept)
	if len(server.opinions) > 0 {
		if err := server.internal.RegisterService(healthService(server.opinions)); err != nil {
			return err
		}
	}
	return service.RegisterFunc(&server.internal, "PingoRpc", "Exit", NewPingoRpc().Exit)
}

func serving() bool {
	server.mu.Lock()
	defer server.mu.Unlock()
	return server.running
}

// attend waits for the end of the connection, and tells whether the host has stopped the plugin.
func attend(ctx context.Context, c *conn.Conn) (stopped bool, _ error) {
	select {
	case <-c.Done():
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.Background(), departTime)
		defer cancel()
		flushed := make(chan struct{})
		theLogs.Flush(func() { close(flushed) })
		select {
		case <-flushed:
		case <-c.Done():
		case <-grace.Done():
		}
		depart(grace, context.Cause(ctx), c)
		return false, nil
	}
	why := c.Err()
	c.Close(nil)
	if c.Drained() && !(c.Cut() > 0 && process.HostGone(hostTime)) {
		return true, nil
	}
	endSoon()
	clock.Wait(context.Background(), c.Returned(), handlerTime)
	return false, fmt.Errorf("%w: %w", ErrHostGone, why)
}

// depart ends the connection from the side of the plugin, whose program goes on, and logs: it is not [conn.Conn.Leave].
// When grace is over, the contexts of calls end for the cause why, and they answer.
func depart(grace context.Context, why error, c *conn.Conn) {
	if c.Drain(grace) != nil {
		c.CancelServed(why)
		answers, cancel := context.WithTimeout(context.Background(), answerTime)
		defer cancel()
		_ = c.Drain(answers)
	}
	c.Close(conn.ErrClosed) // what is still under way has had its time
}

// endSoon ends the program and what it started, whatever they do.
func endSoon() {
	time.AfterFunc(goneTime, func() {
		process.KillOwnGroup()
		os.Exit(1)
	})
}

// byHand says what this program is.
func byHand() error {
	var b strings.Builder
	objects := server.objects.Objects()
	if len(objects) == 0 {
		b.WriteString("It serves nothing: no object is registered.")
	} else {
		b.WriteString("It serves:")
	}
	for _, name := range objects {
		for _, m := range server.objects.Methods(name) {
			b.WriteString("\n\t" + m)
		}
	}
	return fmt.Errorf("%s: %w.\n%s", filepath.Base(os.Args[0]), ErrNoHost, b.String()+forHosts())
}
