package pingo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/pingogen/pingogen/runtime/internal/vote"
)

// several are plugins that are started, swapped and stopped as one.
type several struct {
	plugins  []*Plugin
	swapping chan struct{} // holds one token while they are swapped
}

func newSeveral(plugins []*Plugin) several {
	return several{plugins, make(chan struct{}, 1)}
}

// Plugins returns all of them, always in the same order.
func (s *several) Plugins() []*Plugin { return slices.Clone(s.plugins) }

// Start starts all of them, as [Plugin.Start] does.
func (s *several) Start() {
	for _, p := range s.plugins {
		p.Start()
	}
}

// Stop stops all of them at the same time, as [Plugin.Stop] does, and returns when nothing
// is left of any.
func (s *several) Stop() {
	_ = s.each("", func(p *Plugin) error { p.Stop(); return nil })
}

// Shutdown is Stop for as long as ctx allows; see [Plugin.Shutdown].
func (s *several) Shutdown(ctx context.Context) error {
	needContext(ctx)
	return distinct(s.all(func(_ int, p *Plugin) error { return p.Shutdown(ctx) }))
}

// Ready waits until each of them takes calls, or will not. Its error joins those of
// all that do not, each with the plugin's name.
func (s *several) Ready(ctx context.Context) error {
	needContext(ctx)
	return errors.Join(s.all(func(_ int, p *Plugin) error { return p.ready(ctx, p.notReady) })...)
}

// notReady names a plugin of several in an error.
func (p *Plugin) notReady(err error) error { return fmt.Errorf("plugin %s is not ready: %w", p, err) }

// Err joins why those have ended that have; see [Plugin.Err].
func (s *several) Err() error {
	return s.each("plugin %s has ended: %w", (*Plugin).Err)
}

// each runs f for all of them at the same time, and joins its errors in a form that has the
// plugin's name.
func (s *several) each(form string, f func(*Plugin) error) error {
	return errors.Join(s.all(func(_ int, p *Plugin) error {
		if err := f(p); err != nil {
			return fmt.Errorf(form, p, err)
		}
		return nil
	})...)
}

func (s *several) all(f func(int, *Plugin) error) []error {
	errs := make([]error, len(s.plugins))
	var running sync.WaitGroup
	for i, p := range s.plugins {
		running.Go(func() { errs[i] = f(i, p) })
	}
	running.Wait()
	return errs
}

// distinct joins errors of which many may be the same.
func distinct(errs []error) error {
	var list []error
	for _, err := range errs {
		same := func(other error) bool { return err != nil && other.Error() == err.Error() }
		if err != nil && !slices.ContainsFunc(list, same) {
			list = append(list, err)
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return errors.Join(list...)
}

// swap swaps all that run: none, unless all new processes are fit to take calls.
func (s *several) swap(ctx context.Context, path func(*Plugin) string) error {
	needContext(ctx)
	select {
	case s.swapping <- struct{}{}:
		defer func() { <-s.swapping }()
	case <-ctx.Done():
		return ctx.Err()
	}
	living := s.living()
	v := vote.New(len(living.plugins))
	err := living.each("plugin %s: it was not swapped: %w", func(p *Plugin) error {
		h, err := p.prepare(ctx, path(p))
		v.Cast(err == nil && ctx.Err() == nil)
		if err != nil {
			return err
		}
		select {
		case <-v.Over():
		case <-p.stopping: // who stops it does not wait for the others
			v.Oppose()
		case <-p.ending:
			v.Oppose()
		}
		if !v.Carried() {
			p.cancel(h)
			return p.over()
		}
		h.bound = true
		return p.complete(h)
	})
	if err == nil && !v.Carried() {
		err = ctx.Err()
	}
	return err
}

// living are those that have not ended for good, or all if that is none.
func (s *several) living() several {
	var list []*Plugin
	for _, p := range s.plugins {
		if !isClosed(p.ending) {
			list = append(list, p)
		}
	}
	if list == nil {
		list = s.plugins
	}
	return several{plugins: list}
}

// sharing returns cfg for several plugins, whose hooks are called by one of them at a time.
func sharing(cfg Config) Config {
	if events := cfg.Events; events != nil {
		var calling sync.Mutex
		cfg.Events = func(e Event) {
			calling.Lock()
			defer calling.Unlock()
			events(e)
		}
	}
	if cfg.ErrorHandler == nil {
		cfg.ErrorHandler = NewDefaultErrorHandler()
	}
	cfg.ErrorHandler = &sharedHandler{handler: cfg.ErrorHandler}
	return cfg
}

type sharedHandler struct {
	calling sync.Mutex
	handler ErrorHandler
}

func (h *sharedHandler) Error(err error) {
	h.calling.Lock()
	defer h.calling.Unlock()
	h.handler.Error(err)
}

func (h *sharedHandler) Print(v any) {
	h.calling.Lock()
	defer h.calling.Unlock()
	h.handler.Print(v)
}
