package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// Streams
//
// The bytes of a stream flow from a sender to an inbox, which its side keeps as an
// entry. An inbox begins with room for Config.Window bytes. The sender counts the room
// down with each Data; who takes bytes out gives room back with Credit. A sender
// that finds no room waits, and nobody else does. Where bytes wait, pieces.go says, and pull.go who
// reads meanwhile.

var errReleased = errors.New("the stream was released")

// inbox is the receiving end of a stream.
type inbox struct {
	conn *Conn
	id   uint64

	mu      sync.Mutex // protects following
	pieces  pieces     // what has arrived
	current []byte     // the piece that was lent to who takes
	reached int        // bytes that who takes has read to where they go
	pulls   bool       // who takes pulls, when it waits
	room    int        // how many bytes the sender may still send
	owed    int        // bytes that were taken, and not given back as room
	err     error      // why no more will come
	writer  io.Writer  // takes what comes, from the goroutine that writing counts; or nil
	writing bool
	failed  error         // of writer
	changed chan struct{} // closed at the next change; nil if nobody waits

	over chan struct{} // closed when the entry is gone: nothing more will come
}

func newInbox(c *Conn, id uint64) *inbox {
	return &inbox{conn: c, id: id, room: c.cfg.Window, over: make(chan struct{})}
}

// writeTo has w take what comes.
func (b *inbox) writeTo(w io.Writer) {
	b.writer = w
	if e, ok := w.(codec.Ender); ok {
		e.Until(b.over)
	}
}

// put takes a Data, or the next part of one, and tells whether that is for who pulls. More than there is room for
// breaks the protocol.
func (b *inbox) put(m message) (pulled bool, err error) {
	n := len(m.payload)
	b.mu.Lock()
	defer b.mu.Unlock()
	if int(m.Length) > b.room {
		return false, fmt.Errorf("%d bytes for stream %d, which has room for %d", m.Length, b.id, b.room)
	}
	b.room -= n
	switch {
	case n == 0:
		return false, nil
	case m.reached:
		b.reached += n
		b.owed += n
	case m.owned:
		b.pieces.adopt(m.payload)
	default:
		b.pieces.add(m.payload)
	}
	if b.writer != nil && !b.writing {
		b.writing = true
		go b.write()
	}
	return b.changedLocked() && b.pulls, nil
}

// Next implements codec.Inbox.
func (b *inbox) Next(ctx context.Context, into []byte) ([]byte, error) {
	for {
		p, changed, err := b.take(into != nil)
		if p != nil || err != nil {
			return p, err
		}
		if into != nil {
			b.conn.pull(b.id, into, changed)
			if n := b.takeReached(); n > 0 {
				return into[:n], nil
			}
		}
		if err := b.conn.waitFor(ctx, changed); err != nil {
			return nil, err
		}
	}
}

// take returns what waits, or what to wait for.
func (b *inbox) take(pulls bool) (p []byte, changed <-chan struct{}, err error) {
	b.mu.Lock()
	b.pulls = pulls
	room := b.giveBackLocked()
	p = b.lendLocked()
	if p == nil {
		if err = b.err; err == nil {
			changed = b.waitLocked()
		}
	}
	b.mu.Unlock()
	b.credit(room)
	return p, changed, err
}

// takeReached is how many bytes were read to where they go.
func (b *inbox) takeReached() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, b.reached = b.reached, 0
	return n
}

// lendLocked lends the first piece, nil if none waits.
func (b *inbox) lendLocked() []byte {
	b.current = b.pieces.next()
	return b.current
}

// giveBackLocked frees the piece that was lent, and returns for how much more
// there is room once that is worth a frame.
func (b *inbox) giveBackLocked() (room int) {
	if b.current != nil {
		b.owed += len(b.current)
		freePiece(b.current)
		b.current = nil
	}
	if b.owed < b.conn.cfg.Window/4 || b.err != nil {
		return 0
	}
	room, b.owed = b.owed, 0
	b.room += room
	return room
}

// credit tells the sender of more room. No lock may be held: it may find that the
// connection is dead.
func (b *inbox) credit(room int) {
	if room == 0 {
		return
	}
	f := make([]byte, frame.HeaderSize+frame.CreditLength)
	frame.Header{Kind: frame.Credit, ID: b.id, Length: frame.CreditLength}.Put(f)
	binary.LittleEndian.PutUint32(f[frame.HeaderSize:], uint32(room))
	b.conn.out.post(f)
}

// Close implements codec.Inbox. The first reason stays.
func (b *inbox) Close(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
		b.changedLocked()
	}
}

// Over implements codec.Inbox.
func (b *inbox) Over() <-chan struct{} { return b.over }

// write hands what comes to the writer until nothing waits. It runs on a
// goroutine of its own, one at a time. What comes after the writer has failed, or
// panicked, is dropped, or discarded by it.
func (b *inbox) write() {
	done := false
	defer func() {
		if !done {
			b.fail(codec.NewPanicked(panicValue(recover())))
			go b.write()
		}
	}()
	for {
		p, failed := b.forWriter()
		if p == nil {
			done = true
			return
		}
		if failed {
			if d, ok := b.writer.(codec.Discarder); ok {
				d.Discard(p)
			}
			continue
		}
		if _, err := b.writer.Write(p); err != nil {
			b.fail(err)
		}
	}
}

// fail has nothing more written.
func (b *inbox) fail(err error) {
	b.mu.Lock()
	b.failed = err
	b.mu.Unlock()
	if d, ok := b.writer.(codec.Discarder); ok {
		d.Discard(nil) // what it has not got to
	}
	b.conn.out.post(control(frame.Header{Kind: frame.Stop, ID: b.id}))
}

func (b *inbox) forWriter() (p []byte, failed bool) {
	b.mu.Lock()
	room := b.giveBackLocked()
	p, failed = b.lendLocked(), b.failed != nil
	if p == nil {
		b.writing = false
		b.changedLocked()
	}
	b.mu.Unlock()
	b.credit(room)
	return p, failed
}

// serveFlush is the handler of codec.FlushMethod: it waits until the writer has
// taken all that came before the call, and returns why it could not.
func (b *inbox) serveFlush(ctx context.Context, _ *codec.Decoder, _ *codec.Encoder) error {
	for {
		b.mu.Lock()
		if !b.writing {
			defer b.mu.Unlock()
			return b.failed
		}
		changed := b.waitLocked()
		b.mu.Unlock()
		if err := b.conn.waitFor(ctx, changed); err != nil {
			return err
		}
	}
}

func (b *inbox) waitLocked() <-chan struct{} {
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.changed
}

// changedLocked tells who waits, if anybody does.
func (b *inbox) changedLocked() (waited bool) {
	if b.changed == nil {
		return false
	}
	close(b.changed)
	b.changed = nil
	return true
}

// data takes a Data, or the next part of one. What is for something that was released is dropped.
func (c *Conn) data(m message) (err error) {
	c.mu.Lock()
	e := c.refs.entries[m.ID]
	last := c.refs.last
	c.mu.Unlock()
	switch {
	case e != nil && e.inbox != nil:
		c.in.pulled, err = e.inbox.put(m)
		return err
	case e != nil || m.ID > last:
		return fmt.Errorf("bytes for %d, which takes none", m.ID)
	case m.owned:
		freePiece(m.payload)
	}
	return nil
}

// flow is the sending end of a stream.
type flow struct {
	mu      sync.Mutex // protects following
	room    int
	err     error         // why no more may be sent
	changed chan struct{} // closed at the next change; nil if nobody waits
}

// errStopped is why nothing more may be sent to a writer that has failed: what
// the error was, Flush tells.
var errStopped = errors.New("the other side takes no more")

// flowTo returns the flow to what the peer keeps.
func (c *Conn) flowTo(id uint64) (*flow, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	f := c.refs.flows[id]
	if f == nil {
		f = &flow{room: c.cfg.Window}
		c.refs.flows[id] = f
	}
	return f, nil
}

// Reserve implements codec.Peer.
func (c *Conn) Reserve(ctx context.Context, id uint64, want int) (int, error) {
	f, err := c.flowTo(id)
	if err != nil {
		return 0, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, changed, err := f.reserve(min(want, frame.MaxChunk))
		if n > 0 || err != nil {
			return n, err
		}
		c.pull(0, nil, changed)
		if err := c.waitFor(ctx, changed); err != nil {
			return 0, err
		}
	}
}

// reserve tells how many bytes may be sent, or what to wait for.
func (f *flow) reserve(want int) (n int, changed <-chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return 0, nil, f.err
	}
	if f.room > 0 {
		n = min(want, f.room)
		f.room -= n
		return n, nil, nil
	}
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	return 0, f.changed, nil
}

// Send implements codec.Peer.
func (c *Conn) Send(id uint64, p []byte, reserved int) error {
	f, err := c.flowTo(id)
	if err != nil {
		return err
	}
	if reserved > len(p) {
		f.change(reserved-len(p), nil)
	}
	if len(p) == 0 {
		return nil
	}
	return c.out.sendData(id, p)
}

// change tells a flow of room or of its end, and who waits for that.
func (f *flow) change(room int, err error) (waited bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room += room
	if f.err == nil {
		f.err = err
	}
	if f.changed == nil {
		return false
	}
	close(f.changed)
	f.changed = nil
	return true
}

// credited takes a Credit or a Stop. One for what was released is late.
func (c *Conn) credited(m message) error {
	var err error
	room := 0
	if m.Kind == frame.Stop {
		err = errStopped
	} else if len(m.payload) == frame.CreditLength {
		room = int(binary.LittleEndian.Uint32(m.payload))
	}
	if room > c.cfg.Window {
		return fmt.Errorf("room for %d bytes more of stream %d, the limit is %d", room, m.ID, c.cfg.Window)
	}
	c.mu.Lock()
	f := c.refs.flows[m.ID]
	c.mu.Unlock()
	if f != nil {
		c.in.pulled = f.change(room, err)
	}
	return nil
}

// endStreamsLocked ends every stream with the connection. Who reads from an inbox has made a
// call for that, which fails now and says why, in the words of the side that made it.
func (c *Conn) endStreamsLocked() {
	for _, e := range c.refs.entries {
		if e.inbox == nil {
			continue
		}
		if e.inbox.writer != nil {
			e.inbox.Close(c.err)
		}
		close(e.inbox.over)
	}
	for _, f := range c.refs.flows {
		f.change(0, c.err)
	}
	for _, f := range c.refs.follows {
		f.stop()
	}
	c.refs.imported = 0
	clear(c.refs.entries)
	clear(c.refs.flows)
	clear(c.refs.follows)
	for id, in := range c.lingering {
		delete(c.lingering, id)
		in.ctx.cancel(cancelled)
	}
}
