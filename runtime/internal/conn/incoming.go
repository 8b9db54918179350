package conn

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// incoming is a call that the peer has made. Whoever runs its handler owns it. It is used again when it was
// replied to, but for its context, which the handler may have given to somebody who keeps it.
type incoming struct {
	id     uint64
	gob    bool
	method []byte
	args   []byte
	owned  bool      // args belong to what is decoded from them
	memory *[]byte   // holds what came, if it is not owned
	out    *outgoing // for the next reply, if there is one already
	ctx    *callContext
	dec    codec.Decoder // of args

	handler codec.Handler
	refusal error // why there is none
	pace    *pace // of the handler, or nil
	inline  bool  // that runs on the goroutine which has read the call, and has lent the reader role for that long
	cork    bool  // and more frames are there: the reply leaves with those to the next calls

	target    uint64   // what the call is for, if that is something this side keeps
	object    string   // and the name of its contract
	imports   []uint64 // numbers that stand behind the message
	files     codec.Files
	active    bool // it counts in Conn.active and Conn.held; guarded by Conn.mu
	ended     bool // its context has, since the handler has returned
	size      int  // of what came, in bytes as it is kept
	mentioned int  // how much of what the reply mentions is kept; guarded by Conn.mu
}

var incomingPool = sync.Pool{New: func() any { return new(incoming) }}

// keepMemory is up to how many bytes an incoming keeps for the next call.
const keepMemory = 1 << 10

// memoryPool holds copies of small calls while their handlers decode them.
var memoryPool = sync.Pool{New: func() any { return new([]byte) }}

// accept makes a call independent of the reader, and known to Cancel and Drain. If inline is set, and the handler is not
// known to be slow, the role is lent: the goroutine that has it is to serve the call.
func (c *Conn) accept(m message, inline bool) (*incoming, error) {
	in := c.in.spare
	if c.in.spare = nil; in == nil {
		in = incomingPool.Get().(*incoming)
	}
	in.id, in.gob, in.owned, in.files = m.ID, m.Flags&frame.Gob != 0, m.owned, m.files
	payload := m.payload
	if !m.owned {
		if in.memory == nil {
			in.memory = memoryPool.Get().(*[]byte)
		}
		*in.memory = append((*in.memory)[:0], payload...)
		payload = *in.memory
	}
	if m.Flags&frame.Refs != 0 {
		var err error
		if payload, in.imports, err = cutNumbers(payload); err != nil {
			return nil, m.drop(err)
		}
	}
	h, args, err := parseHead(payload, m.Flags)
	if err != nil {
		return nil, m.drop(err)
	}
	in.target, in.method, in.args = h.target, h.method, args
	in.size = len(m.payload) + len(h.metadata)*int(unsafe.Sizeof(metadata.Pair{}))
	in.ctx = new(callContext)
	in.ctx.begin(c, h, m.Flags&frame.Deadline != 0)
	c.find(in)
	in.inline = inline && !in.pace.slow()
	in.cork = in.inline && c.in.ready()
	c.mu.Lock()
	err = c.admitLocked(in)
	waits := err == nil && in.inline && c.lendLocked(in)
	c.mu.Unlock()
	if err != nil {
		return nil, m.drop(err)
	}
	if waits {
		c.out.flush() // it may be what somebody has left to who reads, and nobody does for now
	}
	return in, nil
}

// admitLocked enters a call, or says why the connection has to end. A call beyond the limits is refused.
func (c *Conn) admitLocked(in *incoming) error {
	if c.servingLocked(in.id) != nil {
		return fmt.Errorf("second call with id %d", in.id)
	}
	if limit := 2 * c.cfg.MaxCalls; c.servesLocked() >= limit { // twice, since the peer hears of an end before it is noted here
		return fmt.Errorf("more than %d calls at once", limit)
	}
	if !in.inline {
		c.serving[in.id] = in
	}
	if c.err != nil {
		return c.err
	}
	switch {
	case in.refusal != nil:
	case c.active >= c.cfg.Calls:
		in.refusal = c.tooManyCalls()
	case c.cfg.Arguments > 0 && c.active > 0 && in.size > c.cfg.Arguments-c.held:
		in.refusal = c.tooManyArguments()
	default:
		c.active++
		c.held += in.size
		in.active = true
	}
	if in.refusal != nil {
		in.forget()
	}
	return nil
}

// tooManyCalls is why a call is not delivered.
func (c *Conn) tooManyCalls() error {
	return &codec.LimitError{Limit: "Limits.Calls", Value: int64(c.cfg.Calls), Detail: "as many calls are unanswered"}
}

// tooManyArguments is the same, for their bytes.
func (c *Conn) tooManyArguments() error {
	return &codec.LimitError{Limit: "Limits.Arguments", Value: int64(c.cfg.Arguments), Detail: "as many bytes of arguments belong to calls that are unanswered"}
}

// servingLocked returns nil for a number that no call has which is served.
func (c *Conn) servingLocked(id uint64) *incoming {
	if in := c.role.inline; in != nil && in.id == id {
		return in
	}
	return c.serving[id]
}

// allServed ranges over the calls that are served. It needs Conn.mu.
func (c *Conn) allServed(yield func(*incoming) bool) {
	if in := c.role.inline; in != nil && !yield(in) {
		return
	}
	for _, in := range c.serving {
		if !yield(in) {
			return
		}
	}
}

// servesLocked counts the calls that are served.
func (c *Conn) servesLocked() int {
	if c.role.inline != nil {
		return len(c.serving) + 1
	}
	return len(c.serving)
}

// name is that of the method with its object.
func (in *incoming) name() string {
	if in.object == "" {
		return string(in.method)
	}
	return in.object + "." + string(in.method)
}

// forget lets go of what came, once the handler has seen it or will not.
func (in *incoming) forget() {
	in.method, in.args = nil, nil
	in.dec.Reset(nil, false)
	if in.memory != nil && cap(*in.memory) > keepMemory {
		in.freeMemory()
	}
}

// newReply returns one that keep has left here, if there is one.
func (in *incoming) newReply() *outgoing {
	o := in.out
	if in.out = nil; o == nil {
		return newOutgoing()
	}
	o.reset()
	return o
}

// keep is free for a reply whose buffer may wait for the next call.
func (in *incoming) keep(o *outgoing) {
	if cap(o.buf) > keepMemory {
		o.free()
		return
	}
	o.clear()
	in.out = o
}

// freeMemory gives the memory to other calls.
func (in *incoming) freeMemory() {
	if in.memory != nil {
		memoryPool.Put(in.memory)
		in.memory = nil
	}
}
