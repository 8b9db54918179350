package pingo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/watch"
)

// Plugin is a plugin program as its host sees it. All methods may be called from
// any goroutine, but for the setters, which are for the time before Start.
//
// A Plugin lives once:
//
//	created   -> Start -> starting -> ready -> ended
//	             ready -> crashed  -> starting             as Config.Restart says
//	anywhere  -> Stop  -> stopping -> ended
//
// Calls wait while it is starting, again or for the first time, work while it is
// ready, and return an error in every other state. A Plugin and its clients stay
// the same whichever process runs. What has ended cannot be started again: make a
// new Plugin with the same Config.
type Plugin struct {
	cfg      Config
	inherit  bool     // the plugin gets the host's environment
	debugged bool     // clocks stand still
	which    []string // of the processes of a Pool it is, for its name
	reports  *reporter
	events   events
	counts   counts
	session  atomic.Pointer[session]        // what takes calls, nil while nothing does; set by publish
	program  atomic.Pointer[watch.Sighting] // the executable, as it was before it was last started; that of Config.Path first, or what was swapped in
	swapping chan struct{}                  // holds one token while a Swap is under way
	handover chan *handover                 // from Swap to run
	ending   chan struct{}                  // closed when no session will follow
	stopping chan struct{}                  // closed by the first Stop
	open     context.Context                // over when it is stopped, or no session will follow,
	shut     context.CancelFunc             // which this says
	hurry    context.Context                // over when no grace is left,
	hurryUp  context.CancelFunc             // which this says
	done     chan struct{}                  // closed when nothing of the plugin is left
	rest     sync.WaitGroup                 // of what has ended already; run waits for it
	pid      int                            // of the process that was last; run is its owner,
	proven   *watch.Sighting                // and of the executable that was the last to become ready

	mu      sync.Mutex // protects following
	started bool
	stopped bool
	bound   []*codec.Contract // before the start: each process is compared with these
	late    []*codec.Contract // and after it: what is swapped in is
	offered []codec.Contract  // by the process that was the last to take calls
	changed chan struct{}     // closed and replaced whenever session, vain or final change
	failed  error             // why the last session ended, or could not be started
	vain    error             // what calls get until there is a session again; nil while they wait for it
	final   error             // why there will be no session any more
	err     error             // why it ended, once done is closed
}

// New returns a plugin that is ready to be started. It panics if cfg.Transport
// names no transport.
func New(cfg Config) *Plugin {
	cfg = cfg.withDefaults()
	debugged := debugs(cfg.Path) || attachesTo(cfg.Path) != ""
	if debugged {
		cfg.standStill()
	}
	p := &Plugin{
		debugged: debugged,
		cfg:      cfg,
		reports:  newReporter(cfg.ErrorHandler),
		changed:  make(chan struct{}),
		swapping: make(chan struct{}, 1),
		handover: make(chan *handover),
		ending:   make(chan struct{}),
		stopping: make(chan struct{}),
		done:     make(chan struct{}),
	}
	p.open, p.shut = context.WithCancel(context.Background())
	p.hurry, p.hurryUp = context.WithCancel(context.Background())
	p.program.Store(&watch.Sighting{Path: cfg.Path})
	p.events.hear(cfg.Events)
	return p
}

// NewPlugin returns a plugin that is ready to be started. It is short for
//
//	New(Config{Transport: proto, Path: path, Args: params})
//
// except that the plugin gets the host's whole environment, as it always did, secrets
// included: programs that were not written for the original pingo use New.
// NewPlugin panics unless proto is "unix", "tcp" or "auto".
func NewPlugin(proto, path string, params ...string) *Plugin {
	if proto == "" {
		panic(`pingo: invalid transport "": use "unix", "tcp" or "auto"`)
	}
	p := New(Config{Transport: proto, Path: path, Args: params})
	p.inherit = true
	return p
}

// SetErrorHandler sets Config.ErrorHandler. It panics after Start.
func (p *Plugin) SetErrorHandler(h ErrorHandler) {
	p.set("SetErrorHandler", func() {
		if h == nil {
			h = NewDefaultErrorHandler()
		}
		p.reports = newReporter(h)
	})
}

// SetSocketDirectory sets Config.SocketDirectory. It panics after Start.
func (p *Plugin) SetSocketDirectory(dir string) {
	p.set("SetSocketDirectory", func() { p.cfg.SocketDirectory = dir })
}

// SetTimeout sets Config.StartTimeout and Config.GracePeriod. Zero, or less, is ignored.
// It panics after Start.
func (p *Plugin) SetTimeout(t time.Duration) {
	p.set("SetTimeout", func() {
		if t > 0 && !p.debugged {
			p.cfg.StartTimeout, p.cfg.GracePeriod = t, t
		}
	})
}

// set changes a setting.
func (p *Plugin) set(name string, change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.started {
		panic("pingo: " + name + " called after Start")
	}
	change()
}

// String returns the plugin's executable and its arguments, separated by spaces, and of the processes of a Pool
// which one it is: "bin/resize -v (2 of 4)". After Swap the executable is another one.
func (p *Plugin) String() string { return p.named(p.program.Load().Path) }

// named is String for another executable.
func (p *Plugin) named(path string) string { return p.namedAs(path, p.which) }

// namedAs is named for more than one process, or one of them, as which says.
func (p *Plugin) namedAs(path string, which []string) string {
	if path == "" {
		path = `""` // errors without a name would seem to be the host's
	}
	return strings.Join(slices.Concat([]string{path}, p.cfg.Args, which), " ")
}

// Ready waits until the plugin takes calls. It returns an error, which names the plugin, if it never
// will, or when ctx ends. If it does take calls, and does not fit the clients that were made by then, the error tells of all contracts
// that it has not registered, with ErrUnimplemented, and of all methods that differ too much, with a [*ContractError]; other clients can make calls nevertheless.
// Calls wait by themselves; Ready is for who wants to know.
func (p *Plugin) Ready(ctx context.Context) error {
	return p.ready(ctx, p.of)
}

// of returns an error of the plugin with its name.
func (p *Plugin) of(err error) error {
	return inside(err, func(err error) error { return fmt.Errorf("plugin %s: %w", p, err) })
}

// ready is Ready for who gives its errors the plugin's name himself.
func (p *Plugin) ready(ctx context.Context, of func(error) error) error {
	s, err := p.running(ctx)
	if err != nil {
		return of(err)
	}
	_, bound := p.contracts()
	return p.misfits(s, bound, of)
}

// misfits joins what is wrong with contracts that s is to be called by.
func (p *Plugin) misfits(s *session, bound []*codec.Contract, of func(error) error) error {
	errs := s.misfits(bound)
	for i, err := range errs {
		errs[i] = of(err)
	}
	return distinct(errs)
}

// Objects lists the names of what the plugin has registered, in the order of
// registration: contracts by their own names, other objects by those of their
// types. It waits as [Plugin.Ready] does, and returns the same errors.
func (p *Plugin) Objects() ([]string, error) {
	s, err := p.running(context.Background())
	if err != nil {
		return nil, p.of(err)
	}
	return slices.Clone(s.peer.Objects), nil
}

// Implements tells whether the plugin has a method, such as "Greeter.SayHello",
// that a generated client can call. It waits until the plugin is
// ready, and returns the same errors as [Plugin.Ready], but sends nothing: the plugin has said what
// it has when it started. Of objects in the style of net/rpc it has said no
// methods; Implements returns false for them.
func (p *Plugin) Implements(ctx context.Context, method string) (bool, error) {
	s, err := p.running(ctx)
	if err != nil {
		return false, p.of(err)
	}
	contract, name, _ := strings.Cut(method, ".")
	return methodNamed(contractNamed(s.peer.Contracts, contract), name) != nil, nil
}

// References counts what host and plugin keep for each other: interfaces,
// functions and streams that were passed by reference. exported are the host's
// that the plugin has not let go of, imported the plugin's that the host has not.
// Both are zero for a plugin that does not run.
func (p *Plugin) References() (exported, imported int) {
	if s := p.session.Load(); s != nil {
		return s.conn.References()
	}
	return 0, 0
}

// Done returns a channel that is closed when the plugin has ended and nothing of
// it is left: no process, no descriptor, no file and no goroutine, except one
// inside an ErrorHandler that does not return, and except processes that have left its
// process group, unless Limits.Cgroup holds them; see docs/security.md. It is never closed for
// a plugin that was neither started nor stopped.
func (p *Plugin) Done() <-chan struct{} { return p.done }

// Err returns why the plugin ended, after Done is closed: nil if Stop or
// Shutdown ended it, a [*CrashError] if it ended by itself, or why it never
// became ready, a [*StartError] in most cases. If it was restarted until Config.RestartBudget was used up, that is
// a [*GaveUpError]. Before that Err returns nil.
func (p *Plugin) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}
