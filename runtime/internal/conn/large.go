package conn

import (
	"encoding/binary"
	"net"

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
		c.out.write()
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
	for left := int(o.header.Length); ; {
		n := min(frame.MaxChunk, left)
		left -= n
		h := frame.Header{Kind: frame.Chunk, ID: o.header.ID, CPU: transport.CPU(), Length: uint32(n)} // the reply is waited for as to a small call
		if left > 0 {
			h.Flags = frame.More
		}
		last := left == 0
		if o.state.Load() == givenUp || last && !o.state.CompareAndSwap(sending, sent) {
			h = frame.Header{Kind: frame.Chunk, Flags: frame.Abort, ID: o.header.ID}
			n, last = 0, true
		}
		header := make([]byte, frame.HeaderSize)
		h.Put(header)
		if err := c.stream.WriteBuffers(append(append(first, header), parts.take(n)...)); err != nil || last {
			return err
		}
		first = nil
		if err := c.out.writeWaiting(); err != nil {
			return err
		}
	}
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
type parts [][]byte

func (o *outgoing) parts() parts {
	var p parts
	at := frame.HeaderSize
	for _, l := range o.enc.Lent() {
		p = append(p, o.buf[at:l.At], l.Bytes)
		at = l.At
	}
	return append(p, o.buf[at:])
}

// take cuts off the first n bytes.
func (p *parts) take(n int) [][]byte {
	var taken [][]byte
	for n > 0 {
		first := (*p)[0]
		if len(first) <= n {
			*p = (*p)[1:]
		} else {
			(*p)[0], first = first[n:], first[:n]
		}
		n -= len(first)
		if len(first) > 0 {
			taken = append(taken, first)
		}
	}
	return taken
}
