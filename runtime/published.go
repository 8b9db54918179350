package pingo

import (
	"context"
	"fmt"
)

// publish says what takes calls from now on: a session; nothing, for the time being; or,
// with final, nothing any more.
func (p *Plugin) publish(s *session, final error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.publishLocked(s, final)
}

func (p *Plugin) publishLocked(s *session, final error) {
	p.session.Store(s)
	if s != nil {
		p.offered, p.vain = s.peer.Contracts, nil
	}
	p.final = final
	close(p.changed)
	p.changed = make(chan struct{})
}

// await returns the session once there is one, of another link than after.
func (p *Plugin) await(ctx context.Context, after *link) (*session, error) {
	for {
		if s := p.session.Load(); s != nil && &s.link != after {
			return s, nil
		}
		p.mu.Lock()
		s, final, vain, failed, changed := p.session.Load(), p.final, p.vain, p.failed, p.changed
		begun := p.started || p.stopped
		p.mu.Unlock()
		switch {
		case s != nil && &s.link != after:
			return s, nil
		case !begun:
			return nil, ErrNotStarted
		case final != nil:
			return nil, p.notRestarted(final)
		case vain != nil && !p.isStopped():
			return nil, vain
		}
		select {
		case <-changed:
		case <-p.stopping:
			return nil, ErrStopped
		case <-ctx.Done():
			return nil, restarting(ctx.Err(), failed)
		}
	}
}

// notRestarted is final with what to do about it, if that is the end of a plugin that was ready. Other errors say it themselves.
func (p *Plugin) notRestarted(final error) error {
	crash, ok := final.(*CrashError)
	if !ok {
		return final
	}
	policy := "RestartOnFailure"
	if exitedWell(crash) {
		policy = "RestartAlways"
	}
	return fmt.Errorf("the plugin has ended and is not restarted; set Config.Restart to %s, or make a new Plugin: %w", policy, crash)
}

// restarting is why a call was not made whose context ended.
func restarting(end, failed error) error {
	if failed == nil {
		return end
	}
	return fmt.Errorf("%w while the plugin was restarted, which had failed: %w", end, failed)
}

// running returns a session that takes calls, once there is one.
func (p *Plugin) running(ctx context.Context) (*session, error) {
	needContext(ctx)
	return p.runningAfter(ctx, nil)
}

// runningAfter is running for another link than after.
func (p *Plugin) runningAfter(ctx context.Context, after *link) (*session, error) {
	s, err := p.await(ctx, after)
	for err == nil && s.conn.Err() != nil {
		s, err = p.await(ctx, &s.link)
	}
	return s, err
}

// another implements side. Where there will be none, calls need not wait to hear that.
func (p *Plugin) another(after *link) bool {
	if p.isStopped() {
		return false
	}
	s := p.session.Load()
	return p.cfg.Restart != RestartNever || s != nil && &s.link != after
}
