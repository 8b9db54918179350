package echo

import "sync"

// Pool gives each caller a connection of its own, for subjects whose connections
// carry one call at a time. It keeps idle ones.
type Pool[C any] struct {
	Dial func() (C, error)

	mu   sync.Mutex // protects following
	idle []C
	all  []C
}

// Get returns the connection that was put back last, or a new one.
func (p *Pool[C]) Get() (C, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err := p.Dial()
	if err == nil {
		p.mu.Lock()
		p.all = append(p.all, c)
		p.mu.Unlock()
	}
	return c, err
}

// Put gives a connection back after a call that did not fail.
func (p *Pool[C]) Put(c C) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
}

// Close calls close for every connection.
func (p *Pool[C]) Close(close func(C)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.all {
		close(c)
	}
	p.all, p.idle = nil, nil
}
