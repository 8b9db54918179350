package conn

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// outgoing is a message on its way out, encoded behind room for its header.
type outgoing struct {
	enc     codec.Encoder
	buf     []byte
	header  frame.Header
	large   bool          // its bytes travel in chunks
	state   atomic.Int32  // of a large message: sending, sent or givenUp
	apart   bool          // another goroutine than the caller's sends it
	taking  sync.Mutex    // held while that copies what the caller has lent
	prompt  bool          // whoever sends it does not wait
	patient bool          // as in call
	posted  chan struct{} // of a call whose reply nobody waits for, nil otherwise; closed when a large message is written
}

const (
	sending int32 = iota
	sent
	givenUp
)

var outgoingPool = sync.Pool{New: func() any { return &outgoing{buf: make([]byte, 0, 512)} }}

func newOutgoing() *outgoing {
	o := outgoingPool.Get().(*outgoing)
	o.reset()
	return o
}

var noHeader [frame.HeaderSize]byte

// reset throws away what was encoded.
func (o *outgoing) reset() {
	o.enc.Unexport()
	o.buf = append(o.buf[:0], noHeader[:]...)
	o.enc.Reset(o.buf)
}

// putHead writes what stands before a call's arguments.
func (o *outgoing) putHead(ctx context.Context, to target) (frame.Flags, error) {
	b, flags := appendHead(o.buf, ctx, to)
	if size := len(b) - len(o.buf); size > maxHead {
		return 0, fmt.Errorf("method and metadata take %d bytes; at most %d can be sent", size, maxHead)
	}
	o.enc.Reset(b)
	return flags, nil
}

// finish completes the header of an encoded message, or says why it cannot be sent.
func (o *outgoing) finish(h frame.Header, limit int) error {
	o.buf = o.enc.Buffer()
	if err := o.enc.Err(); err != nil {
		return fmt.Errorf("cannot encode: %w", err)
	}
	if numbers := o.enc.Numbers(); len(numbers) > 0 {
		o.buf = appendNumbers(o.buf, numbers)
		h.Flags |= refsFlag(h.Kind)
	}
	size := len(o.buf) - len(o.enc.Buffer()) + o.enc.Size() - frame.HeaderSize
	if size > limit {
		return &codec.LimitError{Limit: "MaxMessage", Value: int64(limit), Detail: fmt.Sprintf("message of %d bytes; send less at once, or raise the limit", size)}
	}
	o.large = size > frame.MaxPlain
	if n := len(o.enc.Files()); n > 0 {
		h.Flags |= frame.Files
		if !o.large {
			o.buf = append(o.buf, byte(n))
			size++
		}
	}
	h.Length = uint32(size)
	o.header = h
	h.Put(o.buf)
	return nil
}

// giveUp keeps a large message from being completed; false if it was already. What was lent is not read any more.
func (o *outgoing) giveUp() bool {
	o.taking.Lock()
	defer o.taking.Unlock()
	return o.state.CompareAndSwap(sending, givenUp)
}

func refsFlag(k frame.Kind) frame.Flags {
	if k == frame.Reply {
		return frame.RepliedRefs
	}
	return frame.Refs
}

// discard is free for a message that was not sent: nobody will let go of what it mentions.
func (o *outgoing) discard() {
	o.enc.Unexport()
	o.free()
}

// free is for a message that was sent, and keeps the buffer for others. A large
// message is left to the collector, since its caller may still ask for its state.
func (o *outgoing) free() {
	o.clear()
	if cap(o.buf) <= 2*frame.MaxPlain {
		outgoingPool.Put(o)
	}
}

// clear lets go of what the message mentions.
func (o *outgoing) clear() {
	o.enc.Sent()
	o.header, o.posted, o.patient, o.prompt, o.large = frame.Header{}, nil, false, false, false
	o.enc.Reset(nil)
}

// control is a frame without a payload.
func control(h frame.Header) []byte {
	b := make([]byte, frame.HeaderSize)
	h.Put(b)
	return b
}
