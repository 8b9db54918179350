package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/metadata"
)

// maxHead bounds the head of a call in bytes, so that metadata cannot take many
// times the memory of the message that brings it.
const maxHead = 16 << 10

// head is what stands before a call's arguments.
type head struct {
	target   uint64 // what the call is for, if that is something this side keeps
	method   []byte // points into the message
	left     time.Duration
	metadata []metadata.Pair
}

// appendHead appends the head of a call: the number of what it is for, unless that
// is registered; the method; the nanoseconds that are
// left, if the context has a deadline (clocks need not agree); the metadata, if any.
func appendHead(b []byte, ctx context.Context, to target) ([]byte, frame.Flags) {
	var flags frame.Flags
	if to.gob {
		flags |= frame.Gob
	}
	if to.id != 0 {
		flags |= frame.Target
		b = binary.AppendUvarint(b, to.id)
	}
	b = appendString(b, to.method)
	if left, limited := timeLeft(ctx); limited {
		flags |= frame.Deadline
		b = binary.AppendUvarint(b, uint64(max(0, left)))
	}
	if pairs := metadata.From(ctx); len(pairs) > 0 {
		flags |= frame.Metadata
		b = binary.AppendUvarint(b, uint64(len(pairs)))
		for _, p := range pairs {
			b = appendString(b, p.Key)
			b = appendString(b, p.Value)
		}
	}
	return b, flags
}

// timeLeft is how long it is until the deadline of ctx, if it has one. Some contexts know without the clock on the wall.
func timeLeft(ctx context.Context) (left time.Duration, limited bool) {
	if knows, ok := ctx.(interface{ Left() (time.Duration, bool) }); ok {
		return knows.Left()
	}
	deadline, limited := ctx.Deadline()
	if !limited {
		return 0, false
	}
	return time.Until(deadline), true
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var (
	errHead    = errors.New("call with a malformed head")
	errNumbers = errors.New("message with malformed numbers behind it")
)

// parseHead splits a call's message into its head and its arguments.
func parseHead(b []byte, flags frame.Flags) (h head, args []byte, err error) {
	p := headParser{rest: b[:min(len(b), maxHead)]}
	if flags&frame.Target != 0 {
		h.target = p.uvarint()
	}
	h.method = p.bytes()
	if flags&frame.Deadline != 0 {
		h.left = time.Duration(min(p.uvarint(), 1<<63-1))
	}
	if flags&frame.Metadata != 0 {
		for n := p.uvarint(); n > 0 && !p.bad; n-- {
			h.metadata = append(h.metadata, metadata.Pair{Key: string(p.bytes()), Value: string(p.bytes())})
		}
	}
	if p.bad {
		return head{}, nil, errHead
	}
	return h, b[min(len(b), maxHead)-len(p.rest):], nil
}

// headParser takes values from rest until one is bad.
type headParser struct {
	rest []byte
	bad  bool
}

func (p *headParser) uvarint() uint64 {
	v, n := binary.Uvarint(p.rest)
	if n <= 0 {
		p.bad, p.rest = true, nil
		return 0
	}
	p.rest = p.rest[n:]
	return v
}

func (p *headParser) bytes() []byte {
	n := p.uvarint()
	if n > uint64(len(p.rest)) {
		p.bad, p.rest = true, nil
		return nil
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b
}
