package pingo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/supervise"
)

// Restart says when a plugin that has ended by itself is started again.
type Restart int

const (
	// RestartNever: a plugin that has ended has ended.
	RestartNever Restart = iota
	// RestartOnFailure: unless it exited with status 0.
	RestartOnFailure
	// RestartAlways: however it ended.
	RestartAlways
)

// String returns "never", "on failure" or "always".
func (r Restart) String() string {
	switch r {
	case RestartNever:
		return "never"
	case RestartOnFailure:
		return "on failure"
	case RestartAlways:
		return "always"
	}
	return fmt.Sprintf("Restart(%d)", int(r))
}

// GaveUpError is why a plugin is not restarted any more: it has failed too often.
// It wraps the last failure. Its text has once what several failures say.
type GaveUpError struct {
	Failures []Failure // those that have not faded, oldest first; see Config.RestartBudget
}

// Failure is one end of a plugin that nobody had asked for, or a restart that failed.
type Failure struct {
	Time time.Time
	Err  error // a *CrashError, or why the plugin did not become ready: see StartError
}

func (e *GaveUpError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the plugin was given up after %d failures:", len(e.Failures))
	for _, f := range alike(e.Failures) {
		at := f.first.Format(clockTime)
		if f.count > 1 {
			at = fmt.Sprintf("%s to %s, %d times", at, f.last.Format(clockTime), f.count)
		}
		fmt.Fprintf(&b, "\n\t%s: %s", at, strings.ReplaceAll(f.text, "\n", "\n\t"))
	}
	return b.String()
}

const clockTime = "15:04:05.000"

// failuresAlike are some of which the errors say the same.
type failuresAlike struct {
	text        string
	first, last time.Time
	count       int
}

// alike puts together what says the same, in the order of the first of each.
func alike(failures []Failure) (list []*failuresAlike) {
	known := map[string]*failuresAlike{}
	for _, f := range failures {
		text := f.Err.Error()
		if known[text] == nil {
			known[text] = &failuresAlike{text: text, first: f.Time}
			list = append(list, known[text])
		}
		known[text].last = f.Time
		known[text].count++
	}
	return list
}

// Unwrap returns the last failure.
func (e *GaveUpError) Unwrap() error { return e.Failures[len(e.Failures)-1].Err }

// supervise runs one process after the other until the plugin has ended for good,
// and returns why it has. A plugin that does not even become ready the first time
// is not tried again: its host has better learn that at once.
func (p *Plugin) supervise() error {
	ready, err := p.live(nil)
	if !ready {
		return err
	}
	return p.restart(err)
}

// restart runs the processes that follow one which was ready and has ended with err.
func (p *Plugin) restart(err error) error {
	var failures, vain supervise.Failures
	ready := true
	for p.restarts(ready, err) {
		counted := &failures
		switch {
		case ready:
			vain = nil
		case p.awaitsAnother():
			counted = &vain
			err = fmt.Errorf("the executable has changed and does not become ready; it is tried again, and another as soon as there is one: %w", err)
		}
		counted.Add(p.cfg.policy(), time.Now(), err)
		if failures.Exhausted(p.cfg.policy()) {
			e := gaveUp(failures)
			p.tell(EventGaveUp{p.now(p.pid), e})
			return e
		}
		p.reports.error(fmt.Errorf("plugin %s: %w", p, err))
		if counted.Exhausted(p.cfg.policy()) {
			p.refuse(err) // only those in vain get here
		}
		delay := counted.Backoff(p.cfg.policy(), rand.Float64())
		p.tell(EventRestarting{p.now(p.pid), delay, len(*counted)})
		var next *handover
		select {
		case <-time.After(delay):
		case next = <-p.handover:
		case <-p.stopping:
			return ErrStopped
		}
		ready, err = p.live(next)
	}
	return err
}

// refuse has calls fail until there is a session: somebody may put the executable right, but nobody knows when.
func (p *Plugin) refuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.vain = err
	p.publishLocked(nil, p.final)
}

// awaitsAnother tells whether the executable has changed since one became ready, so that, with Config.Watch, it is not the
// plugin that is no good, but what somebody has put there and will put right.
func (p *Plugin) awaitsAnother() bool {
	return p.cfg.Watch > 0 && !p.program.Load().Equal(p.proven)
}

// live is the life of one process, which is started or handed over, and of those
// that are swapped in for it. It tells whether there was one that was ready, and why
// the last has ended.
func (p *Plugin) live(next *handover) (ready bool, _ error) {
	s, err := p.begin(next)
	ready = s != nil
	for s != nil {
		if next, err = s.live(); next == nil {
			break
		}
		s = p.take(next, s)
	}
	if !errors.Is(err, ErrStopped) {
		p.tell(EventCrashed{p.now(p.pid), err})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = err
	p.publishLocked(nil, nil)
	return ready, err
}

// begin returns a session that takes calls: that which is handed over, or a new one.
func (p *Plugin) begin(next *handover) (*session, error) {
	if next != nil {
		return p.take(next, nil), nil
	}
	path := p.program.Load().Path
	p.program.Store(p.look(path))
	s, pid, err := p.launch(context.Background(), path)
	p.pid = pid
	if err != nil {
		return nil, err
	}
	p.proven = p.program.Load()
	p.tell(EventReady{p.now(pid)})
	p.publish(s, nil)
	return s, nil
}

// restarts tells whether the plugin is started again after its process ended with err. One
// that did not become ready has failed, whatever its status.
func (p *Plugin) restarts(ready bool, err error) bool {
	if errors.Is(err, ErrStopped) || p.cfg.Restart == RestartNever {
		return false
	}
	return p.cfg.Restart == RestartAlways || !ready || !exitedWell(err)
}

func exitedWell(err error) bool {
	var crash *CrashError
	return errors.As(err, &crash) && crash.ExitCode == 0
}

func gaveUp(failures supervise.Failures) *GaveUpError {
	e := &GaveUpError{}
	for _, f := range failures {
		e.Failures = append(e.Failures, Failure(f))
	}
	return e
}
