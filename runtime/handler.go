package pingo

import (
	"sync"
	"time"
)

// reporter passes errors and output to an ErrorHandler, one at a time, so that
// nobody who reports an error waits for it. Output comes from the process's own
// queue, whose goroutine may wait.
type reporter struct {
	handler ErrorHandler
	calling sync.Mutex // held while a method of handler runs

	mu      sync.Mutex // protects following
	pending []error
	idle    chan struct{} // closed by work when nothing is pending; nil while nothing is
}

func newReporter(h ErrorHandler) *reporter { return &reporter{handler: h} }

// print hands over a line of output and returns when the handler has.
func (r *reporter) print(line string) {
	r.calling.Lock()
	defer r.calling.Unlock()
	r.handler.Print(line)
}

// error hands over err soon, and does not wait.
func (r *reporter) error(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = append(r.pending, err)
	if r.idle == nil {
		r.idle = make(chan struct{})
		go r.work()
	}
}

// work runs until nothing is pending.
func (r *reporter) work() {
	for {
		errs := r.take()
		if errs == nil {
			return
		}
		for _, err := range errs {
			r.calling.Lock()
			r.handler.Error(err)
			r.calling.Unlock()
		}
	}
}

func (r *reporter) take() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := r.pending
	r.pending = nil
	if errs == nil {
		close(r.idle)
		r.idle = nil
	}
	return errs
}

// wait returns once everything reported is handed over, or when enough
// says so.
func (r *reporter) wait(enough <-chan time.Time) {
	r.mu.Lock()
	idle := r.idle
	r.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-enough:
	}
}
