package conn

import (
	"encoding/binary"
	"net"
	"sync"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// sendLarge sends a message in chunks, with the small frames that wait going in
// between. It returns when the message is written or given up, and keeps the
// writer role from first to last: one large message is under way at a time.
func (c *Conn) sendLarge(o *outgoing) {
	defer o.enc.Files().Close()
	if c.out.acquire() == nil {
		if err := c.writeChunks(o); err != nil {
			c.writeFailed(err)
		}
		c.out.finish()
		o.left()
	}
}

// left is the end of a large message.
func (o *outgoing) left() {
	if o.state.Load() == sent {
		o.enc.Sent()
	} else {
		o.enc.Unexport()
	}
}

// writeChunks writes each chunk with its header at once, and the first one with the frame
// that announces the message, unless files go along with that.
func (c *Conn) writeChunks(o *outgoing) error {
	if o.state.Load() == givenUp {
		return nil
	}
	first := net.Buffers{announcement(o.header, o.enc.Files())}
	if files := o.enc.Files(); len(files) > 0 {
		if _, err := write(c.stream, first[0], files); err != nil {
			return err
		}
		first = nil
	}
	parts := o.parts()
	if o.apart && len(o.enc.Lent()) > 0 {
		parts.copies = copies.Get().(*[frame.MaxChunk]byte)
		defer copies.Put(parts.copies)
	}
	for left := int(o.header.Length); ; {
		n := min(frame.MaxChunk, left)
		left -= n
		h := frame.Header{Kind: frame.Chunk, ID: o.header.ID, CPU: transport.CPU(), Length: uint32(n)} // the reply is waited for as to a small call
		if left > 0 {
			h.Flags = frame.More
		}
		last := left == 0
		chunk, ok := o.take(&parts, n, last)
		if !ok {
			h = frame.Header{Kind: frame.Chunk, Flags: frame.Abort, ID: o.header.ID}
			last = true
		}
		header := make([]byte, frame.HeaderSize)
		h.Put(header)
		if err := c.stream.WriteBuffers(append(append(first, header), chunk...)); err != nil || last {
			return err
		}
		first = nil
		if err := c.out.writeWaiting(); err != nil {
			return err
		}
	}
}

// take returns the next n bytes of a message, unless it was given up, which it cannot be any more once the last are taken.
func (o *outgoing) take(p *parts, n int, last bool) (chunk [][]byte, ok bool) {
	o.taking.Lock()
	defer o.taking.Unlock()
	if o.state.Load() == givenUp || last && !o.state.CompareAndSwap(sending, sent) {
		return nil, false
	}
	return p.take(n), true
}

// announcement is the frame that starts a large message.
func announcement(h frame.Header, files codec.Files) []byte {
	b := make([]byte, frame.HeaderSize+frame.SizeLength)
	binary.LittleEndian.PutUint64(b[frame.HeaderSize:], uint64(h.Length))
	h.Flags |= frame.More
	if len(files) > 0 {
		b = append(b, byte(len(files)))
	}
	h.Length = uint32(len(b) - frame.HeaderSize)
	h.Put(b)
	return b
}

// parts are the bytes of a large message, in order: of its buffer, and those which
// were lent to it.
type parts struct {
	list   [][]byte
	copies *[frame.MaxChunk]byte // where a chunk is copied to, if who has lent it may be gone while it is written; or nil
}

// copies are used again and again.
var copies = sync.Pool{New: func() any { return new([frame.MaxChunk]byte) }}

func (o *outgoing) parts() (p parts) {
	at := frame.HeaderSize
	for _, l := range o.enc.Lent() {
		p.list = append(p.list, o.buf[at:l.At], l.Bytes)
		at = l.At
	}
	p.list = append(p.list, o.buf[at:])
	return p
}

// take cuts off the first n bytes, of one chunk at most. They are valid until the next take.
func (p *parts) take(n int) [][]byte {
	var taken [][]byte
	for n > 0 {
		first := p.list[0]
		if len(first) <= n {
			p.list = p.list[1:]
		} else {
			p.list[0], first = first[n:], first[:n]
		}
		n -= len(first)
		if len(first) > 0 {
			taken = append(taken, first)
		}
	}
	if p.copies == nil {
		return taken
	}
	copied := p.copies[:0]
	for _, b := range taken {
		copied = append(copied, b...)
	}
	return [][]byte{copied}
}
