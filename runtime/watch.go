package pingo

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/watch"
)

// watch looks at the executable until the plugin has ended for good, and swaps a new one in.
func (p *Plugin) watch() {
	ticks := time.NewTicker(p.cfg.Watch)
	defer ticks.Stop()
	var w watch.Watch
	for {
		var found *watch.Sighting
		select {
		case now := <-ticks.C:
			program := p.program.Load()
			if found = p.look(program.Path); !w.Changed(program, found, now) {
				continue
			}
		case <-p.ending:
			return
		}
		switch pid, err := p.renew(found); {
		case err == nil, isClosed(p.ending), p.isStopped():
		case errors.Is(err, syscall.ETXTBSY): // who writes it has not closed it yet
			w.Again()
		default:
			err = fmt.Errorf("plugin %s: the new executable was not swapped in: %w", p, err)
			p.reports.error(err)
			p.tell(EventSwapFailed{p.now(pid), found.Path, err})
		}
	}
}

// renew is Swap for who has no context: it waits for another swap as long as that takes, and the grace
// period bounds the old process's calls. It does nothing if what it is to swap in was
// started meanwhile, or is not what the plugin runs any more. Pid is that of the process that it tried.
func (p *Plugin) renew(found *watch.Sighting) (pid int, _ error) {
	if err := p.claim(context.Background()); err != nil {
		return 0, err
	}
	if program := p.program.Load(); program.Path != found.Path || program.Equal(found) {
		p.release()
		return 0, nil
	}
	h, pid, err := p.prepareClaimed(context.Background(), found.Path)
	if err != nil {
		return pid, err
	}
	grace, cancel := p.grace()
	defer cancel()
	h.ctx, h.bound = grace, true
	return pid, p.complete(h)
}

// look returns the executable at path as it is now.
func (p *Plugin) look(path string) *watch.Sighting { return watch.Look(path, p.cfg.Dir) }
