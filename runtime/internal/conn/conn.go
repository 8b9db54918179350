// Package conn makes calls over one transport, in both directions at once.
//
// Nobody owns the reading or the writing of a connection. There is one reader
// role and one writer role, and whoever has a reason takes them:
//
//   - role.go: a caller reads until its own reply is there, and hands replies of
//     others to them; when no caller reads, a background reader does; a watcher
//     sees to it that the role is never free for long;
//   - write.go: a frame is appended to a buffer, and who finds no writer writes
//     until the buffer is empty, so that frames of many callers leave together;
//   - large.go: a large message travels in chunks, small frames go between them;
//   - call.go follows a call from this side, and reply.go what has come of it; calls.go finds them by their numbers;
//   - incoming.go takes a call from the peer, and serve.go answers it;
//   - references.go keeps what stays on this side, stream.go carries bytes to it, in the buffers of
//     pieces.go or straight to where they go, as direct.go has it; pull.go says who reads them;
//   - descriptors.go passes files and connections beside the bytes;
//   - ping.go asks the peer for a sign of life;
//   - describe.go tells the peer which contract calls are made by.
package conn

import (
	"context"
	"errors"
	"io"
	"math"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// What a zero in Config means.
const (
	DefaultMaxMessage = 64 << 20
	DefaultMaxCalls   = 1 << 16
	DefaultReferences = 1 << 16
	DefaultWindow     = 512 << 10
)

// ErrDraining is why a call is not delivered while a connection drains.
var ErrDraining = errors.New("the connection is draining and takes no new calls")

// ErrClosed is Err after a Close without a reason.
var ErrClosed = errors.New("the connection was closed")

// Config is what a connection needs to know beside its stream.
type Config struct {
	// Opened is called by New with what it is about to return, before anything is read:
	// what handlers need of the connection can be put in its place. It must not wait.
	Opened func(*Conn)
	// Lookup finds the handler for an incoming call; gob tells that arguments
	// are encoded with encoding/gob. Its error is sent back to the caller, who
	// learns that the call was not executed. Nil serves nothing.
	Lookup func(method string, gob bool) (codec.Handler, error)
	// Described takes a contract by which the peer makes calls from now on, before
	// Lookup is asked for any of them. Its error is the end of the connection. Nil
	// forgets what comes.
	Described func(codec.Contract) error
	// Explain makes of the error of a call to what the peer keeps what the caller
	// gets. End is why the connection has ended, or nil: Explain may be called before
	// New has returned. Nil leaves the error as it is.
	Explain func(ctx context.Context, method string, fate Fate, err, end error) error
	// Draining is called when the peer has sent Drain, which is answered when it has called
	// answer: calls that it has begun by then (see Begin) are over before the connection
	// ends. It must not wait. Nil answers at once.
	Draining func(answer func())
	// Idle is called, on a goroutine of its own, when the peer has made no call for IdleTime and none
	// is under way, and not again before it has made another. Nil for none.
	Idle func()
	// Leaves tells that the peer knows the flags with which this side takes its leave. Without it,
	// none of them is sent.
	Leaves bool
	// Left is the cause of the contexts that end because the peer takes its leave. Nil means
	// that there is none beside context.Canceled.
	Left error
	// MaxMessage bounds an argument or reply message in bytes, in both
	// directions. Zero means DefaultMaxMessage; what is beyond 2 GiB means that.
	MaxMessage int
	// PeerMaxMessage is what the peer announced in the handshake. Zero means
	// that it announced nothing, and MaxMessage holds.
	PeerMaxMessage int
	// MaxCalls bounds the calls that each side has made and has no reply to. It
	// is the same on both sides. Zero means DefaultMaxCalls.
	MaxCalls int
	// Calls bounds the calls of each side that are under way, as far as this side is
	// concerned: those beyond are not delivered. Zero means MaxCalls.
	Calls int
	// Arguments bounds the bytes of the arguments of the peer's calls that are under way. A call
	// beyond is not delivered, unless it is the only one. Zero means no bound.
	Arguments int
	// References bounds what each side keeps for the other. Zero means DefaultReferences.
	References int
	// Window is how many bytes of a stream may be on the way or wait for who reads them.
	// It is the same on both sides. Zero means DefaultWindow.
	Window int
}

// withDefaults replaces zeros, and what does not fit a frame's header.
func (cfg Config) withDefaults() Config {
	if cfg.MaxMessage <= 0 {
		cfg.MaxMessage = DefaultMaxMessage
	}
	if cfg.PeerMaxMessage <= 0 {
		cfg.PeerMaxMessage = cfg.MaxMessage
	}
	if cfg.MaxCalls <= 0 {
		cfg.MaxCalls = DefaultMaxCalls
	}
	if cfg.Calls <= 0 {
		cfg.Calls = cfg.MaxCalls
	}
	if cfg.References <= 0 {
		cfg.References = DefaultReferences
	}
	if cfg.Window <= 0 {
		cfg.Window = DefaultWindow
	}
	cfg.MaxMessage = min(cfg.MaxMessage, math.MaxInt32)
	return cfg
}

// Conn is one side of a connection. All methods may be called from any goroutine.
type Conn struct {
	cfg    Config
	stream transport.Stream
	in     reader                // guarded by the reader role
	told   descriptions          // by the peer; guarded by the reader role, as the following
	known  [2]map[string]*served // handlers by method, plain and gob
	out    writer
	done   chan struct{} // closed by fail
	wake   chan struct{} // unparks the watcher; capacity 1
	idle   sync.Pool     // of *call
	own    codec.OwnErrors

	mu        sync.Mutex // protects following
	role      role
	calls     calls
	owed      map[uint64]bool      // made and given up; their replies will come and be dropped
	serving   map[uint64]*incoming // made by the peer, without a reply yet, but for role.inline
	active    int                  // of these, whose handlers run or are about to
	held      int                  // bytes of the arguments of these
	returned  chan struct{}        // closed when there are no active ones any more; nil if nobody has asked for it
	cut       int                  // how many there were when the connection ended
	lingering map[uint64]*incoming // replied to, but what they returned is still kept here
	left      bool                 // the peer has cancelled a call because it leaves
	refs      references
	drain     drainState
	probes    probes
	telling   descriptions  // to the peer
	err       error         // why the connection ended
	running   int           // goroutines of the connection outside handlers
	ended     chan struct{} // closed when err is set and running is zero
}

// New starts a connection on a stream that is past the handshake. The Conn owns the stream.
func New(s transport.Stream, cfg Config) *Conn {
	cfg = cfg.withDefaults()
	c := &Conn{
		cfg:       cfg,
		stream:    s,
		done:      make(chan struct{}),
		wake:      make(chan struct{}, 1),
		calls:     newCalls(),
		owed:      map[uint64]bool{},
		serving:   map[uint64]*incoming{},
		lingering: map[uint64]*incoming{},
		refs:      references{entries: map[uint64]*entry{}, flows: map[uint64]*flow{}, follows: map[uint64]*follower{}},
		ended:     make(chan struct{}),
	}
	c.idle.New = func() any { return &call{events: make(chan event, 1)} }
	c.known = [2]map[string]*served{{}, {}}
	c.in = newReader(s, &c.out, cfg.MaxMessage)
	c.out.stream = s
	c.out.fail = c.writeFailed
	c.out.end = c.fail
	c.out.spawn = c.spawn
	if cfg.Opened != nil {
		cfg.Opened(c)
	}
	c.mu.Lock()
	c.startBackgroundLocked(nil)
	c.mu.Unlock()
	c.spawn(c.watch)
	return c
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err is why the connection ended: nil while it lives, io.ErrUnexpectedEOF when the peer
// is gone.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection: pending calls fail with why, contexts of handlers
// are cancelled. It returns when every goroutine of the connection has ended,
// except those inside handlers. It must not be called from a handler.
func (c *Conn) Close(why error) {
	if why == nil {
		why = ErrClosed
	}
	c.fail(why)
	<-c.ended
}

// fail ends the connection once; the first reason stays.
func (c *Conn) fail(why error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err, c.cut = endOf(why), c.active
	c.out.stop(c.err) // first, so that what a handler says of its context's end is not sent as its reply
	for in := range c.allServed {
		in.ctx.cancel(cancelled)
	}
	for call := range c.calls.all {
		call.signal(eventDead)
	}
	c.calls.clear()
	c.endStreamsLocked()
	c.quietLocked()
	c.in.arrivals.close()
	if c.running == 0 {
		close(c.ended)
	}
	c.mu.Unlock()
	close(c.done)
	_ = c.stream.Close() // the reason is known already
}

// lastWords is how long a peer that takes nothing more is read.
const lastWords = 500 * time.Millisecond

// writeFailed ends the connection to a peer that takes nothing more, because it is gone, most likely. What
// it sent before is read first, be it a reply or what it logged at last.
func (c *Conn) writeFailed(why error) {
	c.out.stop(endOf(why))
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), lastWords)
		defer cancel()
		_ = c.waitFor(ctx, c.done)
		c.fail(why)
	})
}

// unsent is what a call fails with that could not be sent for the reason err: if the
// connection is about to end, that is known soon.
func (c *Conn) unsent(ctx context.Context, err error) error {
	if err == ctx.Err() {
		return err
	}
	select {
	case <-c.done:
		return c.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// endOf gives one name to the ways in which a stream says that the peer is gone. It is
// not io.EOF: who reads a reader of the peer's would take that, even wrapped, for the
// end of what there is to read.
func endOf(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || transport.IsReset(err) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// spawn runs f on a goroutine that Close waits for. After the end it runs nothing.
func (c *Conn) spawn(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spawnLocked(f)
}

func (c *Conn) spawnLocked(f func()) bool {
	if c.err != nil {
		return false
	}
	c.running++
	go func() {
		defer c.leave()
		f()
	}()
	return true
}

// leave is the end of a goroutine that Close waits for, or its entry into a handler.
func (c *Conn) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaveLocked()
}

func (c *Conn) leaveLocked() {
	c.running--
	if c.running == 0 && c.err != nil {
		close(c.ended)
	}
}
