package pingo

import (
	"context"
	"time"
)

// Stop ends the plugin and returns when nothing of it is left; see Done. Calls
// that are under way may finish, and new ones are refused. After Config.GracePeriod
// the contexts of those that still run in the plugin are cancelled, and context.Cause
// tells them of ErrStopped; what they return, and log, within a quarter of another GracePeriod
// still arrives. When none is left, or after that time, the plugin is told to exit, and whatever
// of its process group is there after the other GracePeriod at most is killed.
//
// The error of a call that was cancelled so is a [*CallError] with ErrStopped. If it has returned that it was
// cancelled, its fate is Executed, and what it returned is in the error as well; any other result or
// error is returned as ever.
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
	patience, cancel := context.WithTimeout(s.plugin.hurry, callTime(s.plugin))
	defer cancel()
	return s.leave(patience, ErrStopped)
}

// callTime is how long the calls that are under way may go on after Stop. Tests change it, to see that nobody waits out
// what follows.
var callTime = func(p *Plugin) time.Duration { return p.cfg.GracePeriod }

// leave is stop with a patience of its own for the calls that are under way, and another
// reason for those that are not over then:
//
//	calls finish -> their contexts end, and they answer -> the connection ends -> SIGTERM -> SIGKILL
//	patience        a quarter of GracePeriod               until half of it       until all of it
//
// Each step is over as soon as nothing is left for it to wait for.
func (s *session) leave(patience context.Context, why error) bool {
	err := s.conn.Leave(patience, why)
	grace, cancel := s.plugin.grace()
	defer cancel()
	half := time.NewTimer(s.plugin.cfg.GracePeriod / 2)
	defer half.Stop()
	if err != nil {
		s.conn.CancelCalls()
		answers, cancel := context.WithTimeout(grace, s.plugin.cfg.GracePeriod/4)
		_ = s.conn.Leave(answers, why)
		cancel()
	}
	s.conn.Close(why) // whatever is still under way then fails
	if s.conn.Err() != why {
		return false
	}
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

// stoppingError is the cause of contexts in a plugin that its host ends, because it stops the plugin.
type stoppingError struct{}

func (stoppingError) Error() string {
	return "the host stops this plugin, and its calls have had their time"
}

// Is has errors.Is find the same as in the host.
func (stoppingError) Is(target error) bool { return target == ErrStopped || target == context.Canceled }

// grace ends after the GracePeriod, or when there is no time left.
func (p *Plugin) grace() (context.Context, func()) {
	return context.WithTimeout(p.hurry, p.cfg.GracePeriod)
}
