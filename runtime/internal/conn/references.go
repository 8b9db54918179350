package conn

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// References
//
// What stays where it is, this side keeps as an entry under a number, each time
// that a message mentions it. The peer lets go of the number with Release. Behind
// a message stand the numbers of all that it mentions, so that whoever does not
// decode it, or not all of it, can let go of the rest. A number that the peer has
// sent home may be released before the message is decoded: see codec/home.go.
//
// An entry whose Service has a Writer, or that is an inbox, takes Data: see
// stream.go.

// references is guarded by Conn.mu.
type references struct {
	last     uint64 // number that was given to an entry
	entries  map[uint64]*entry
	imported int                  // how much the peer keeps for this side
	flows    map[uint64]*flow     // to what the peer keeps
	follows  map[uint64]*follower // of what the peer keeps
}

// follower tells the peer when the context of a call ends that has returned
// something which stayed there: the context that the peer's handler got ends too.
type follower struct {
	left int // how much of it was not released yet
	stop func() bool
}

// entry is what this side keeps for the peer.
type entry struct {
	value   any
	service *codec.Service // nil for an inbox
	inbox   *inbox         // nil if it takes no Data
	pace    pace           // of its methods
	from    *incoming      // the call whose reply mentions it, which lingers as long

	came     uint64 // how often it came home, in messages that were decoded or dropped
	released bool   // the peer has let go of it, and it is kept until came is awaited
	awaited  uint64
}

// References counts what each side keeps for the other: what this side has
// exported and the peer has not released, and the reverse.
func (c *Conn) References() (exported, imported int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.refs.entries), c.refs.imported
}

// OwnErrors implements codec.Peer.
func (c *Conn) OwnErrors() *codec.OwnErrors { return &c.own }

// MaxMessage implements codec.Peer.
func (c *Conn) MaxMessage() int { return c.limit() }

// Export implements codec.Peer.
func (c *Conn) Export(v any, s *codec.Service) (uint64, error) {
	e := &entry{value: v, service: s}
	id := c.keep(e, s.Writer != nil)
	if s.Writer != nil {
		e.inbox.writeTo(s.Writer)
	}
	exported, _ := c.References()
	return id, c.tooMany(exported, "kept for the other side")
}

// tooMany is an error if there are more references than the limit allows.
func (c *Conn) tooMany(n int, what string) error {
	if n <= c.cfg.References {
		return nil
	}
	return &codec.LimitError{Limit: "Limits.References", Value: int64(c.cfg.References), Detail: "more references are " + what + "; close what is not needed any more"}
}

// ExportInbox implements codec.Peer.
func (c *Conn) ExportInbox() (uint64, codec.Inbox) {
	e := &entry{}
	return c.keep(e, true), e.inbox
}

func (c *Conn) keep(e *entry, takesData bool) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refs.last++
	id := c.refs.last
	if takesData {
		e.inbox = newInbox(c, id)
	}
	if c.err != nil {
		if takesData {
			close(e.inbox.over) // see endStreamsLocked
		}
		return id
	}
	c.refs.entries[id] = e
	return id
}

// Unexport implements codec.Peer.
func (c *Conn) Unexport(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unkeepLocked(id)
}

// unkeepLocked lets go of an entry, if it is there.
func (c *Conn) unkeepLocked(id uint64) {
	e := c.refs.entries[id]
	if e == nil {
		return
	}
	delete(c.refs.entries, id)
	if e.inbox != nil {
		if e.service != nil { // who made an inbox closes it
			e.inbox.Close(errReleased)
		}
		close(e.inbox.over)
	}
	if e.from != nil {
		e.from.mentioned--
		c.unlingerLocked(e.from)
	}
}

// ComeHome implements codec.Peer.
func (c *Conn) ComeHome(id uint64) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.refs.entries[id]
	if e == nil || e.service == nil {
		return nil, false
	}
	e.came++
	if e.released && e.came == e.awaited {
		c.unkeepLocked(id)
	}
	return e.value, true
}

// released does what Release asks for. A number that was let go already is no matter.
func (c *Conn) released(m message) error {
	var home uint64
	switch len(m.payload) {
	case 0:
	case frame.HomeLength:
		home = binary.LittleEndian.Uint64(m.payload)
	default:
		return fmt.Errorf("release of %d with a count of %d bytes instead of %d", m.ID, len(m.payload), frame.HomeLength)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.ID > c.refs.last {
		return fmt.Errorf("release of %d, which was never given", m.ID)
	}
	e := c.refs.entries[m.ID]
	switch {
	case e == nil || e.released:
	case e.came < home: // it will come home yet
		e.released, e.awaited = true, home
	default:
		c.unkeepLocked(m.ID)
	}
	return nil
}

// Import implements codec.Peer.
func (c *Conn) Import(n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil
	}
	c.refs.imported += n
	return c.tooMany(c.refs.imported, "held of the other side's")
}

// follow has the context of a call followed that is over, as long as anything is
// left of what it returned.
func (c *Conn) follow(ctx context.Context, call uint64, ids []uint64) {
	if len(ids) == 0 || ctx.Done() == nil {
		return
	}
	f := &follower{left: len(ids)}
	c.mu.Lock()
	defer c.mu.Unlock()
	f.stop = context.AfterFunc(ctx, func() { c.out.post(control(frame.Header{Kind: frame.Cancel, ID: call})) })
	for _, id := range ids {
		c.refs.follows[id] = f
	}
}

// disown lets go of what a message mentions that nobody will decode.
func (c *Conn) disown(numbers []uint64) {
	for _, number := range numbers {
		if id, home := codec.Home(number); home {
			c.ComeHome(id)
		} else {
			c.out.post(control(frame.Header{Kind: frame.Release, ID: id}))
		}
	}
}

// Release implements codec.Peer. It does not wait: it may be called by the collector.
func (c *Conn) Release(id, home uint64) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.refs.imported--
	delete(c.refs.flows, id)
	if f := c.refs.follows[id]; f != nil {
		delete(c.refs.follows, id)
		if f.left--; f.left == 0 {
			f.stop()
		}
	}
	c.mu.Unlock()
	h := frame.Header{Kind: frame.Release, ID: id}
	if home == 0 {
		c.out.post(control(h))
		return
	}
	h.Length = frame.HomeLength
	c.out.post(binary.LittleEndian.AppendUint64(control(h), home))
}

// CallReference implements codec.Peer.
func (c *Conn) CallReference(ctx context.Context, id uint64, from, method string, args, reply codec.Message) error {
	fate, err := NotDelivered, codec.ErrReleased
	if id != 0 {
		fate, err = c.call(ctx, target{id: id, method: method}, args, reply)
	}
	if fate == NotDelivered && codec.Begun(args) {
		fate = MaybeExecuted
	}
	return c.explain(ctx, from, method, fate, err)
}

// explain makes of the error of a call to what the peer keeps what the caller gets.
func (c *Conn) explain(ctx context.Context, from, method string, fate Fate, err error) error {
	if err == nil || c.cfg.Explain == nil {
		return err
	}
	if method == codec.FlushMethod { // which nobody has called by a name
		method = "Write"
	}
	if from != "" {
		method += " " + from
	}
	return c.cfg.Explain(ctx, method, fate, err, c.Err())
}

// appendNumbers writes what stands behind a message: the numbers, and their count.
func appendNumbers(b []byte, ids []uint64) []byte {
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint64(b, id)
	}
	return binary.LittleEndian.AppendUint32(b, uint32(len(ids)))
}

// cutNumbers takes them off again.
func cutNumbers(b []byte) (rest []byte, ids []uint64, err error) {
	if len(b) < 4 {
		return nil, nil, errNumbers
	}
	end := len(b) - 4
	n := uint64(binary.LittleEndian.Uint32(b[end:]))
	if n*8 > uint64(end) {
		return nil, nil, errNumbers
	}
	rest = b[:end-int(n)*8]
	for at := len(rest); at < end; at += 8 {
		ids = append(ids, binary.LittleEndian.Uint64(b[at:]))
	}
	return rest, ids, nil
}

// linger keeps the context of a call alive whose reply mentions what this side
// keeps: what the call returned may look at it. It ends with the last of them, or
// when the caller's context does.
func (c *Conn) linger(in *incoming, ids []uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if e := c.refs.entries[id]; e != nil {
			e.from = in
			in.mentioned++
		}
	}
	if in.mentioned > 0 {
		c.lingering[in.id] = in
	}
}

// unlingerLocked ends the context of a call that has returned once nothing is
// left of what it returned.
func (c *Conn) unlingerLocked(in *incoming) {
	if in.mentioned == 0 && c.lingering[in.id] == in {
		delete(c.lingering, in.id)
		if c.servingLocked(in.id) != in {
			in.ctx.cancel(cancelled)
		}
	}
}
