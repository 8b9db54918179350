package conn

import (
	"fmt"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

const (
	// maxDescriptions bounds the contracts that a side may describe.
	maxDescriptions = 1000
	// maxDescribed bounds the frames that describe them, in bytes.
	maxDescribed = 4 << 20
)

// descriptions are what one side has described to the other.
type descriptions struct {
	contracts, bytes int
	part             []byte // of the contract that is under way, where they come in
}

// add counts what one side has sent. Both sides count, so that the one knows
// when the other will take no more.
func (d *descriptions) add(contracts, bytes int) error {
	d.contracts += contracts
	d.bytes += bytes
	if d.contracts > maxDescriptions || d.bytes > maxDescribed {
		return fmt.Errorf("more than %d contracts or %d bytes of them were described on one connection", maxDescriptions, maxDescribed)
	}
	return nil
}

// Describe tells the peer that calls which are made when it has returned are
// made by contract. An error means that nothing was told.
func (c *Conn) Describe(contract *codec.Contract) error {
	frames := describe(contract)
	c.mu.Lock()
	after := c.telling
	err := after.add(1, len(frames))
	if err == nil {
		c.telling, err = after, c.err
	}
	c.mu.Unlock()
	if err == nil {
		c.out.post(frames) // at once, so that no other contract comes between
	}
	return err
}

func describe(contract *codec.Contract) []byte {
	var e codec.Encoder
	e.Message(contract)
	var frames []byte
	for rest := e.Buffer(); len(rest) > 0; {
		n := min(len(rest), frame.MaxPlain)
		h := frame.Header{Kind: frame.Describe, Length: uint32(n)}
		if n < len(rest) {
			h.Flags = frame.More
		}
		frames = append(frames, noHeader[:]...)
		h.Put(frames[len(frames)-frame.HeaderSize:])
		frames = append(frames, rest[:n]...)
		rest = rest[n:]
	}
	return frames
}

// described takes a contract of the peer's, or a part of one.
func (c *Conn) described(m message) error {
	complete := 1
	if m.Flags&frame.More != 0 {
		complete = 0
	}
	if err := c.told.add(complete, frame.HeaderSize+len(m.payload)); err != nil {
		return err
	}
	c.told.part = append(c.told.part, m.payload...)
	if complete == 0 {
		return nil
	}
	var d codec.Decoder
	d.Reset(c.told.part, true)
	c.told.part = nil
	var contract codec.Contract
	if err := d.Message(&contract); err != nil {
		return fmt.Errorf("the description of a contract cannot be decoded: %w", err)
	}
	if c.cfg.Described == nil {
		return nil
	}
	return c.cfg.Described(contract)
}
