package pingo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Pool is some processes of one plugin. Clients are built on a Pool as on a
// [Plugin], and each call goes to the process that has the fewest calls to answer. What a
// process has passed by reference stays with that process.
//
//	pool := pingo.NewPool(4, pingo.Config{Path: "plugins/resize"})
//	pool.Start()
//	defer pool.Stop()
//	r := images.NewResizerClient(pool)
//
// While some of the processes are restarted, or have ended, calls go to the others; when there are
// none, they wait for the first that comes, or fail with what all of them have died of. The
// hooks of the Config are those of all processes, and called for one of them at a time.
type Pool struct {
	several
	size   []string      // for its name
	turn   atomic.Uint32 // whose is first when all have as much to do
	counts counts
}

// NewPool returns a pool of n processes that is ready to be started. It panics if n is
// less than one, or if cfg is none that [New] takes.
func NewPool(n int, cfg Config) *Pool {
	if n < 1 {
		panic(fmt.Sprintf("pingo: a pool of %d processes cannot take calls", n))
	}
	cfg = sharing(cfg)
	plugins := make([]*Plugin, n)
	for i := range plugins {
		plugins[i] = New(cfg)
		plugins[i].which = []string{fmt.Sprintf("(%d of %d)", i+1, n)}
	}
	return &Pool{several: newSeveral(plugins), size: []string{fmt.Sprintf("(%d processes)", n)}}
}

// String returns what Plugin.String does, and how many processes there are.
func (p *Pool) String() string {
	first := p.plugins[0]
	return first.namedAs(first.program.Load().Path, p.size)
}

// Call is CallContext without a context: it waits as long as it takes.
func (p *Pool) Call(name string, args, resp any) error {
	return p.CallContext(context.Background(), name, args, resp)
}

// CallContext calls a method of the process that has least to do; see [Plugin.CallContext].
func (p *Pool) CallContext(ctx context.Context, name string, args, resp any) error {
	return plain(p, name, args, resp).deliver(ctx)
}

// Stats returns what [Plugin.Stats] does, of the calls that were made of the pool.
func (p *Pool) Stats() Stats { return p.counts.read(p.String()) }

// Swap puts the executable at path in the place of all processes, as [Plugin.Swap] does for
// one: calls go to the new ones when all of these are fit to take them. If one is not, all
// are ended, and nothing has changed. For a while there are twice as many processes.
func (p *Pool) Swap(ctx context.Context, path string) error {
	if path == "" {
		return fmt.Errorf("plugin %s: Swap: %w", p, errNoPath)
	}
	return p.swap(ctx, func(*Plugin) string { return path })
}

// link implements side.
func (p *Pool) link(ctx context.Context, after *link) (*link, error) {
	if l := p.leastLoaded(after); l != nil {
		return l, nil
	}
	return p.first(ctx, after)
}

// leastLoaded is the link with the fewest calls of those that take any now.
func (p *Pool) leastLoaded(after *link) *link {
	var best *link
	least := math.MaxInt
	turn := int(p.turn.Add(1)) % len(p.plugins)
	for i := range p.plugins {
		m := p.plugins[(turn+i)%len(p.plugins)]
		s := m.session.Load()
		if s == nil || &s.link == after || m.isStopped() {
			continue
		}
		if n, open := s.conn.Load(); open && n < least {
			best, least = &s.link, n
		}
	}
	return best
}

// first waits for the first process that takes calls. If there will be none, the
// error has the reasons of all.
func (p *Pool) first(ctx context.Context, after *link) (*link, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		i   int
		s   *session
		err error
	}
	results := make(chan result, len(p.plugins))
	for i, m := range p.plugins {
		go func() {
			s, err := m.runningAfter(ctx, after)
			results <- result{i, s, err}
		}()
	}
	errs := make([]error, len(p.plugins))
	for range p.plugins {
		r := <-results
		if r.err == nil {
			return &r.s.link, nil
		}
		errs[r.i] = r.err
	}
	return nil, reasons(errs)
}

// reasons joins errors of all processes: one if they are the same, or each with the number of its process.
func reasons(errs []error) error {
	differs := func(err error) bool { return err.Error() != errs[0].Error() }
	if !slices.ContainsFunc(errs, differs) {
		return errs[0]
	}
	for i, err := range errs {
		errs[i] = fmt.Errorf("process %d of %d: %w", i+1, len(errs), err)
	}
	return errors.Join(errs...)
}

// another implements side.
func (p *Pool) another(after *link) bool {
	for _, m := range p.plugins {
		if m.another(after) {
			return true
		}
	}
	return false
}

// callFailed implements side.
func (p *Pool) callFailed(method string, err error) {
	if p.plugins[0].wantsFailure(err) {
		p.concerned(err).tellFailure(p.String(), method, err)
	}
}

// concerned is the process that a call was made of, or, if no process has its name, one that has not ended: of those which
// have, nothing is told any more.
func (p *Pool) concerned(err error) *Plugin {
	if failed, ok := err.(*CallError); ok {
		for _, m := range p.plugins {
			if m.String() == failed.Plugin {
				return m
			}
		}
	}
	return p.living().plugins[0]
}

// refused implements side.
func (p *Pool) refused(method string, err error) error { return refusedBy(p.String(), method, err) }

// interceptors implements side.
func (p *Pool) interceptors() []Interceptor { return p.plugins[0].interceptors() }

// callOf implements side.
func (p *Pool) callOf(method string, args, reply any) *Call {
	return &Call{Method: method, Plugin: p.String(), Args: args, Reply: reply}
}

// counted implements side.
func (p *Pool) counted(method string) *methodCounts { return p.counts.of(method) }

// standsStill implements side.
func (p *Pool) standsStill() bool { return p.plugins[0].standsStill() }

// bind implements side.
func (p *Pool) bind(c *codec.Contract) {
	for _, m := range p.plugins {
		m.bind(c)
	}
}
