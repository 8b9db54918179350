package conn

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
)

// served is what runs for a method. It is found once, so that a method's name is made
// a string once.
type served struct {
	handler codec.Handler
	pace    pace
}

// pace remembers whether something is slow: whoever waits for it must not be
// the one who reads.
type pace struct{ left atomic.Int32 } // how many times in a row it has to be quick until it is trusted again; 0 for quick

const (
	distrust = 32
	quick    = 200 * time.Microsecond
)

func (p *pace) slow() bool { return p != nil && p.left.Load() > 0 }

// ran takes note of how long it took.
func (p *pace) ran(d time.Duration) {
	if d > quick {
		p.left.Store(distrust)
	} else if p.left.Add(-1) < 0 {
		p.left.Store(0)
	}
}

// find finds what a call is for, for who has the reader role. The error is for the caller.
func (c *Conn) find(in *incoming) {
	if in.target != 0 {
		in.handler, in.pace, in.refusal = c.kept(in)
		return
	}
	known := c.known[0]
	if in.gob {
		known = c.known[1]
	}
	s := known[string(in.method)]
	if s == nil {
		if s, in.refusal = c.lookup(string(in.method), in.gob); s == nil {
			return
		}
		known[string(in.method)] = s
	}
	in.handler, in.pace = s.handler, &s.pace
}

func (c *Conn) lookup(method string, gob bool) (*served, error) {
	if c.cfg.Lookup == nil {
		return nil, fmt.Errorf("%s: nothing is registered on this side", method)
	}
	h, err := c.cfg.Lookup(method, gob)
	if err != nil {
		return nil, err
	}
	return &served{handler: h}, nil
}

// kept finds the handler of a call to what this side keeps.
func (c *Conn) kept(in *incoming) (codec.Handler, *pace, error) {
	c.mu.Lock()
	e := c.refs.entries[in.target]
	c.mu.Unlock()
	switch {
	case e == nil || e.service == nil:
		return nil, nil, codec.ErrReleased
	case string(in.method) == codec.FlushMethod && e.inbox != nil:
		return e.inbox.serveFlush, &streaming, nil
	}
	in.object = e.service.Contract.Name
	h := e.service.Handler(in.method)
	if h == nil {
		return nil, nil, fmt.Errorf("%w: %s has no method %s", codec.ErrUnimplemented, e.service.Contract.Name, in.method)
	}
	if codec.Streams(in.method) {
		return h, &streaming, nil
	}
	return h, &e.pace, nil
}

// streaming is the pace of what lasts as long as a stream.
var streaming = func() (p pace) { p.left.Store(distrust); return }()

// foundSlow is what the watcher makes of a handler that others wait behind.
func (in *incoming) foundSlow() {
	if in.pace != nil {
		in.pace.left.Store(distrust)
	}
}

// run runs the handler, and takes note of how long it takes if that is in doubt.
func (in *incoming) run(dec *codec.Decoder, enc *codec.Encoder) error {
	if !in.pace.slow() || in.pace == &streaming {
		return in.handler(in.ctx, dec, enc)
	}
	began := time.Now()
	defer func() { in.pace.ran(time.Since(began)) }()
	return in.handler(in.ctx, dec, enc)
}
