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
func (p *Plugin) watch(w watched) {
	ticks := time.NewTicker(p.cfg.Watch)
	defer ticks.Stop()
	for {
		select {
		case now := <-ticks.C:
			if !w.changed(p.look(), now) {
				continue
			}
		case <-p.ending:
			return
		}
		path := w.last.path
		switch err := p.renew(path); {
		case err == nil, isClosed(p.ending), p.isStopped():
		case errors.Is(err, syscall.ETXTBSY): // who writes it has not closed it yet
			w.again()
		default:
			err = fmt.Errorf("plugin %s: the new executable was not swapped in: %w", p, err)
			p.reports.error(err)
			p.tell(EventSwapFailed{p.now(), path, err})
		}
	}
}

// renew is Swap for who has no context: the grace period bounds the old process's calls.
func (p *Plugin) renew(path string) error {
	ctx, cancel := p.startContext(context.Background())
	defer cancel()
	h, err := p.prepare(ctx, path)
	if err != nil {
		return err
	}
	h.ctx, cancel = p.grace()
	defer cancel()
	h.bound = true
	return p.complete(h)
}

// look returns the executable as it is now.
func (p *Plugin) look() sighting {
	e := sighting{path: *p.path.Load()}
	at := e.path
	switch {
	case filepath.Base(at) == at: // as package os/exec looks it up
		at, _ = exec.LookPath(at)
	case !filepath.IsAbs(at):
		at = filepath.Join(p.cfg.Dir, at)
	}
	e.info, _ = os.Stat(at) // none while it is being replaced
	return e
}

// sighting is a file at a time.
type sighting struct {
	path string
	info os.FileInfo // nil if there is none
}

// equal tells whether nothing has been written.
func (e sighting) equal(o sighting) bool {
	if e.info == nil || o.info == nil {
		return e.info == o.info && e.path == o.path
	}
	return e.path == o.path && e.info.Size() == o.info.Size() && e.info.ModTime().Equal(o.info.ModTime()) && os.SameFile(e.info, o.info)
}

// watched is what is known of an executable that is looked at now and then.
type watched struct {
	running sighting  // that was tried last
	last    sighting  // that was seen last
	since   time.Time // from when on last has been as it is
}

// changed takes a look, and tells whether there is another executable than that which was tried
// last, and it has settled. It is taken for tried then.
func (w *watched) changed(now sighting, at time.Time) bool {
	if now.path != w.running.path { // Swap was called
		*w = watched{running: now, last: now, since: at}
	}
	if !now.equal(w.last) {
		w.last, w.since = now, at
	}
	if now.info == nil || now.equal(w.running) || at.Sub(w.since) < settleTime {
		return false
	}
	w.running = now
	return true
}

// again has what was tried last tried again, once more time has passed.
func (w *watched) again() {
	w.running.info, w.since = nil, time.Now()
}
