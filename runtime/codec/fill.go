package codec

import (
	"context"
	"errors"
	"io"
)

// Methods that fill an argument: the other side returns the bytes, and they are
// copied to where they belong.

// maxFill bounds the bytes that one call asks for.
const maxFill = 1 << 20

var errFill = errors.New("more bytes than were asked for")

// Caller makes calls: a [Reference], or what a generated client is built on.
type Caller interface {
	CallContext(ctx context.Context, method string, args, reply any) error
}

// ReadCall reads by a call of a method that ReadCallHandler serves, once: for where
// it would be noticed that [Reference.Read] is ahead.
func ReadCall(ctx context.Context, c Caller, method string, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	args, reply := fillArgs{size: min(len(p), maxFill)}, fillReply{into: p}
	err := c.CallContext(ctx, method, &args, &reply)
	return reply.n, err
}

// ReadCallHandler serves ReadCall by the method Read of v.
func ReadCallHandler(v io.Reader) Handler {
	return fillHandler(func(p []byte, _ int64) (int, error) { return v.Read(p) })
}

// ReadAtCall reads at an offset, in as many calls of a method that ReadAtHandler
// serves as it takes.
func ReadAtCall(ctx context.Context, c Caller, method string, p []byte, off int64) (n int, err error) {
	for {
		args, reply := fillArgs{size: min(len(p)-n, maxFill), offset: off + int64(n)}, fillReply{into: p[n:]}
		err = c.CallContext(ctx, method, &args, &reply)
		n += reply.n
		if err != nil || n == len(p) {
			return n, err
		}
		if reply.n == 0 {
			return n, io.ErrNoProgress
		}
	}
}

// ReadAtHandler serves ReadAtCall by the method ReadAt of v.
func ReadAtHandler(v io.ReaderAt) Handler { return fillHandler(v.ReadAt) }

func fillHandler(read func(p []byte, off int64) (int, error)) Handler {
	return func(_ context.Context, dec *Decoder, enc *Encoder) error {
		var args fillArgs
		args.Decode(dec)
		if err := dec.End(); err != nil {
			return err
		}
		p := make([]byte, min(max(args.size, 0), maxFill))
		n, err := read(p, args.offset)
		enc.Bytes(p[:n])
		return err
	}
}

// fillArgs asks for bytes.
type fillArgs struct {
	size   int
	offset int64
}

func (m *fillArgs) Encode(e *Encoder) {
	e.Int(m.size)
	e.Int64(m.offset)
}

func (m *fillArgs) Decode(d *Decoder) {
	m.size = d.Int()
	m.offset = d.Int64()
}

// fillReply brings them.
type fillReply struct {
	into []byte
	n    int
}

func (m *fillReply) Encode(e *Encoder) { e.Bytes(m.into[:m.n]) }

func (m *fillReply) Decode(d *Decoder) {
	n, _ := d.count()
	if n > len(m.into) {
		d.Fail(errFill)
		return
	}
	m.n = copy(m.into, d.take(uint64(n)))
}
