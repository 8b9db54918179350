package pingo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/diagnose"
	"github.com/pingogen/pingogen/runtime/internal/watch"
)

// Swap puts the executable at path, or a new version at the same path, in the place of
// the process that runs. It starts the new one with the same Config, and compares the
// contracts of the clients with it, and asks for its health if it has an opinion. When
// all of that is well, new calls go to it, and Swap waits until those of the old process
// are over, which is then told to exit. No call is lost or made twice.
//
// If anything fails, or if ctx ends before calls go to the new process, that is ended,
// the old one stays, and Swap returns why. If ctx ends later, the calls that the old
// process has not finished are cancelled, as by Stop, and Swap returns nil. They fail with ErrSwapped, or
// are made again if they are //pingo:idempotent.
//
// What the old process has passed by reference takes no calls any more as soon as new calls
// go to the new one: they return ErrSwapped. A stream that is being read goes on to its
// end, as a call does.
//
// After Swap the Plugin restarts the new executable. Swaps are done one after the
// other. A plugin that is being restarted is swapped as well.
func (p *Plugin) Swap(ctx context.Context, path string) error {
	needContext(ctx)
	if path == "" {
		return fmt.Errorf("plugin %s: Swap: %w", p, errNoPath)
	}
	if err := p.swap(ctx, path); err != nil {
		return fmt.Errorf("plugin %s: it was not swapped for %s: %w", p, path, err)
	}
	return nil
}

var errNoPath = errors.New("no path of an executable was given")

// handover is a session on its way from Swap to run.
type handover struct {
	session *session
	program *watch.Sighting
	ctx     context.Context // of Swap, bounds the drain
	bound   bool            // others are handed over with it: the end of ctx does not keep it back
	gone    chan struct{}   // closed when the old session is over
}

func (p *Plugin) swap(ctx context.Context, path string) error {
	h, err := p.prepare(ctx, path)
	if err != nil {
		return err
	}
	return p.complete(h)
}

// prepare starts another process and sees whether it is fit to take calls. What it
// returns is to be completed or cancelled.
func (p *Plugin) prepare(ctx context.Context, path string) (*handover, error) {
	if err := p.claim(ctx); err != nil {
		return nil, err
	}
	h, _, err := p.prepareClaimed(ctx, path)
	return h, err
}

// claim waits until no other swap is under way, nor the drain that is the end of one.
func (p *Plugin) claim(ctx context.Context) error {
	select {
	case p.swapping <- struct{}{}:
	case <-p.stopping:
		return p.over()
	case <-p.ending:
		return p.over()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := p.enter(); err != nil {
		<-p.swapping
		return err
	}
	return nil
}

// prepareClaimed is prepare after claim, which it releases if it fails. Pid is that of the new process,
// also of one that is not fit.
func (p *Plugin) prepareClaimed(ctx context.Context, path string) (_ *handover, pid int, _ error) {
	program := p.look(path)
	s, pid, err := p.launch(ctx, path)
	if err != nil {
		p.release()
		return nil, pid, p.cfg.whyNoSwap(err)
	}
	h := &handover{session: s, program: program, ctx: ctx, gone: make(chan struct{})}
	if err := p.examine(h); err != nil {
		p.cancel(h)
		if crash := s.crash; err == errGone && crash != nil {
			err = crash
		}
		return nil, pid, err
	}
	return h, pid, nil
}

// complete hands over what prepare has made, and waits for the end of the old session.
func (p *Plugin) complete(h *handover) error {
	if err := p.pass(h); err != nil {
		p.cancel(h)
		return err
	}
	defer p.release()
	<-h.gone
	return nil
}

// cancel ends what prepare has made.
func (p *Plugin) cancel(h *handover) {
	defer p.release()
	_ = h.session.end(h.session.stop())
}

// release is the end of what claim has begun.
func (p *Plugin) release() {
	p.rest.Done()
	<-p.swapping
}

// enter makes run wait for a goroutine, which it does as long as it has not ended.
func (p *Plugin) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stopped:
		return ErrStopped
	case p.final != nil:
		return p.final
	case !p.started:
		return ErrNotStarted
	}
	p.rest.Add(1)
	return nil
}

// errGone is that a session is over before it was handed over. How its process ended is known once it
// is cancelled.
var errGone = errors.New("the new process has ended")

// examine tells why a session is not fit to take calls.
func (p *Plugin) examine(h *handover) error {
	if err := h.session.replaces(p.contracts()); err != nil {
		return err
	}
	ctx, cancel := p.startContext(h.ctx) // for a start is not over before
	defer cancel()
	err := h.session.health(ctx)
	if end, limited := ctx.Deadline(); limited && !time.Now().Before(end) {
		<-ctx.Done() // the plugin's timer may have been the first
	}
	if ctx.Err() != nil {
		return p.cfg.overdue(diagnose.LateHealth, context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnhealthy, err)
	}
	if h.session.conn.Err() != nil {
		return errGone
	}
	if isClosed(h.session.leaving) {
		return errStays
	}
	return nil
}

// pass gives a session to run.
func (p *Plugin) pass(h *handover) error {
	late := h.ctx.Done()
	if h.bound {
		late = nil
	}
	select {
	case p.handover <- h:
		return nil
	case <-p.stopping:
		return p.over()
	case <-p.ending:
		return p.over()
	case <-late:
		return h.ctx.Err()
	}
}

// replaces tells whether s fits the clients that are bound to these contracts, as far as the old process does, or did,
// that has registered others.
func (s *session) replaces(old []codec.Contract, contracts []*codec.Contract) error {
	var all ContractError
	for _, contract := range contracts {
		if contractNamed(old, contract.Name) == nil || newFit(contract, old, "plugin").err != nil {
			continue
		}
		if contractNamed(s.peer.Contracts, contract.Name) == nil {
			return lacks(false, contract.Name, "", "new plugin")
		}
		var differ *ContractError
		if errors.As(newFit(contract, s.peer.Contracts, "plugin").err, &differ) {
			all.Mismatches = append(all.Mismatches, differ.Mismatches...)
		}
	}
	if len(all.Mismatches) > 0 {
		return &all
	}
	return nil
}

// take makes a session that was handed over the one that takes calls, and retires
// the old one, if there is one.
func (p *Plugin) take(h *handover, old *session) *session {
	from, fromPid := p.program.Swap(h.program), 0
	if old != nil {
		fromPid = old.pid
	}
	p.pid, p.proven = h.session.pid, h.program
	p.tell(EventSwapped{p.now(p.pid), from.Path, fromPid})
	p.publish(h.session, nil)
	p.rest.Go(func() {
		defer close(h.gone)
		if old != nil {
			old.retire(h.ctx)
		}
	})
	return h.session
}

// retire ends a session to which no new calls go. If the plugin is stopped
// meanwhile, or ends for good, its grace holds.
func (s *session) retire(ctx context.Context) {
	s.swapped.Store(true)
	patience, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.plugin.stopping:
		case <-s.plugin.ending:
		case <-patience.Done():
			return
		}
		grace, release := s.plugin.grace()
		defer release()
		select {
		case <-grace.Done():
			cancel()
		case <-patience.Done():
		}
	}()
	_ = s.end(s.leave(patience, ErrSwapped)) // how it ended is no matter any more
}
