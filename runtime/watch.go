package pingo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// settleTime is how long a new executable has to stay as it is, so that one which is
// still being written is not started.
const settleTime = 500 * time.Millisecond

// watch looks at the executable until the plugin has ended for good, and swaps a new one in.
func (p *Plugin) watch() {
	ticks := time.NewTicker(p.cfg.Watch)
	defer ticks.Stop()
	var w watched
	for {
		select {
		case now := <-ticks.C:
			program := p.program.Load()
			if !w.changed(program, p.look(program.path), now) {
				continue
			}
		case <-p.ending:
			return
		}
		switch pid, err := p.renew(w.last); {
		case err == nil, isClosed(p.ending), p.isStopped():
		case errors.Is(err, syscall.ETXTBSY): // who writes it has not closed it yet
			w.again()
		default:
			err = fmt.Errorf("plugin %s: the new executable was not swapped in: %w", p, err)
			p.reports.error(err)
			p.tell(EventSwapFailed{p.now(pid), w.last.path, err})
		}
	}
}

// renew is Swap for who has no context: it waits for another swap as long as that takes, and the grace
// period bounds the old process's calls. It does nothing if what it is to swap in was
// started meanwhile, or is not what the plugin runs any more. Pid is that of the process that it tried.
func (p *Plugin) renew(found *sighting) (pid int, _ error) {
	if err := p.claim(context.Background()); err != nil {
		return 0, err
	}
	if program := p.program.Load(); program.path != found.path || program.equal(found) {
		p.release()
		return 0, nil
	}
	h, pid, err := p.prepareClaimed(context.Background(), found.path)
	if err != nil {
		return pid, err
	}
	grace, cancel := p.grace()
	defer cancel()
	h.ctx, h.bound = grace, true
	return pid, p.complete(h)
}

// look returns the executable at path as it is now.
func (p *Plugin) look(path string) *sighting {
	at := path
	switch {
	case filepath.Base(at) == at: // as package os/exec looks it up
		at, _ = exec.LookPath(at)
	case !filepath.IsAbs(at):
		at = filepath.Join(p.cfg.Dir, at)
	}
	info, _ := os.Stat(at) // none while it is being replaced
	return &sighting{path, info}
}

// sighting is a file at a time. It does not change.
type sighting struct {
	path string
	info os.FileInfo // nil if there is none
}

// equal tells whether nothing has been written.
func (e *sighting) equal(o *sighting) bool {
	if e.info == nil || o.info == nil {
		return e.info == o.info && e.path == o.path
	}
	return e.path == o.path && e.info.Size() == o.info.Size() && e.info.ModTime().Equal(o.info.ModTime()) && os.SameFile(e.info, o.info)
}

// watched is what is known of an executable that is looked at now and then.
type watched struct {
	program *sighting // that was started last
	tried   *sighting // that was tried since, or is the same
	last    *sighting // that was seen last
	since   time.Time // from when on last has been as it is
}

// changed takes a look, and tells whether there is another executable than that which was tried
// last, and it has settled. It is taken for tried then. What is started otherwise is program.
func (w *watched) changed(program, now *sighting, at time.Time) bool {
	if program != w.program {
		*w = watched{program, program, program, at}
	}
	if !now.equal(w.last) {
		w.last, w.since = now, at
	}
	if now.info == nil || now.equal(w.tried) || at.Sub(w.since) < settleTime {
		return false
	}
	w.tried = now
	return true
}

// again has what was tried last tried again, once more time has passed.
func (w *watched) again() {
	w.tried, w.since = w.program, time.Now()
}
