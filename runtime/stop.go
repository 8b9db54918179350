package pingo

import (
	"context"
	"time"
)

// Stop ends the plugin and returns when nothing of it is left; see Done. Calls
// that are under way may finish, and new ones are refused; when none is left, or
// after Config.GracePeriod, the plugin is told to exit, and whatever of its
// process group is there after another GracePeriod at most is killed.
//
// Stop can be called in every state, any number of times, by many at once. A
// plugin that is starting is killed at once; one that was never started will not
// start any more.
func (p *Plugin) Stop() {
	p.requestStop()
	<-p.done
}

// Shutdown is Stop for as long as ctx allows: when ctx ends, the plugin is killed
// at once, and Shutdown returns the error of ctx. It also returns when nothing of
// the plugin is left.
func (p *Plugin) Shutdown(ctx context.Context) error {
	needContext(ctx)
	p.requestStop()
	select {
	case <-p.done:
		return nil
	default: // also if ctx has ended
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	p.hurryUp()
	<-p.done
	return ctx.Err()
}

func (p *Plugin) requestStop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	p.stopped = true
	close(p.stopping)
	p.shut()
	if !p.started {
		p.publishLocked(nil, ErrStopped)
		close(p.ending)
		close(p.done)
	}
}

func (p *Plugin) isStopped() bool { return isClosed(p.stopping) }

// stop ends the session in order, as far as the plugin plays along. It returns
// false if the plugin ended by itself meanwhile.
func (s *session) stop() bool {
	grace, cancel := s.plugin.grace()
	defer cancel()
	return s.leave(grace, ErrStopped)
}

// leave is stop with a patience of its own for the calls that are under way, and another
// reason for those that are not over then.
func (s *session) leave(patience context.Context, why error) bool {
	s.conn.Leave(patience, why) // whatever is still under way then fails
	if s.conn.Err() != why {
		return false
	}
	grace, cancel := s.plugin.grace()
	defer cancel()
	half := time.NewTimer(s.plugin.cfg.GracePeriod / 2)
	defer half.Stop()
	select {
	case <-s.proc.Exited():
		return true
	case <-half.C:
	case <-grace.Done():
	}
	s.proc.Terminate()
	select {
	case <-s.proc.Exited():
	case <-grace.Done():
		s.proc.Kill()
	}
	return true
}

// grace ends after the GracePeriod, or when there is no time left.
func (p *Plugin) grace() (context.Context, func()) {
	return context.WithTimeout(p.hurry, p.cfg.GracePeriod)
}
