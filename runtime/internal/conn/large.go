package conn

import (
	"encoding/binary"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// sendLarge sends a message in chunks, with the small frames that wait going in
// between, and calls after, if any, when it is written or given up. It runs on a
// goroutine of its own, so that neither a caller nor a handler waits for it. It
// keeps the writer role from first to last: one large message is under way at a time.
func (c *Conn) sendLarge(o *outgoing, after func()) {
	if c.out.acquire() == nil {
		if err := c.writeChunks(o); err != nil {
			c.fail(err)
		}
		c.out.write()
	}
	if after != nil {
		after()
	}
}

// writeChunks writes the header of a chunk over the end of the chunk before it,
// so that each is one write.
func (c *Conn) writeChunks(o *outgoing) error {
	if o.state.Load() == givenUp {
		return nil
	}
	if err := c.announce(o.header); err != nil {
		return err
	}
	for at := frame.HeaderSize; at < len(o.buf); {
		n := min(frame.MaxChunk, len(o.buf)-at)
		h := frame.Header{Kind: frame.Chunk, ID: o.header.ID, Length: uint32(n)}
		if at+n < len(o.buf) {
			h.Flags = frame.More
		}
		last := h.Flags == 0
		if o.state.Load() == givenUp || last && !o.state.CompareAndSwap(sending, sent) {
			h = frame.Header{Kind: frame.Chunk, Flags: frame.Abort, ID: o.header.ID}
			n, last = 0, true
		}
		b := o.buf[at-frame.HeaderSize : at+n]
		h.Put(b)
		if _, err := c.stream.Write(b); err != nil || last {
			return err
		}
		if err := c.out.writeWaiting(); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// announce writes the frame that starts a large message.
func (c *Conn) announce(h frame.Header) error {
	b := make([]byte, frame.HeaderSize+frame.SizeLength)
	binary.LittleEndian.PutUint64(b[frame.HeaderSize:], uint64(h.Length))
	h.Flags |= frame.More
	h.Length = frame.SizeLength
	h.Put(b)
	_, err := c.stream.Write(b)
	return err
}
