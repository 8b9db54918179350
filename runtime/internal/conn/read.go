package conn

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// readBuffer is how much is read at once: any plain frame fits, and many small ones. It is
// maxReadBuffer once as much has been there.
const (
	readBuffer    = 64 << 10
	maxReadBuffer = 256 << 10
)

// message is a call, a reply or a control frame, whole.
type message struct {
	frame.Header
	payload []byte
	owned   bool // payload belongs to the message; else it is valid until the next read
	reached bool // payload is where it was to go: see direct.go
	files   codec.Files
}

// reader takes messages from a stream. Its state survives an interrupted read,
// so that another goroutine can go on. It belongs to who holds the reader role.
type reader struct {
	stream     transport.Stream
	out        *writer // whose frames may be left to who reads
	maxMessage int
	buf        []byte
	start, end int // of the bytes in buf that were read and not taken
	hint       transport.Hint
	cpu        uint16 // that the peer ran on when it sent the last message, 0 if not known
	frames     int    // seen since the last read
	alone      int    // frames seen since others went first
	replies    int    // that callers of this side got since the last read
	large      *large // the large message that is under way, if any
	arrivals   *arrivals
	direct
	corked bool      // replies wait to be written, for the sake of a frame that was there: see incoming.go
	own    *call     // on whose behalf somebody leads; nil if nobody does, or its reply was delivered
	spare  *incoming // for the next call, or nil
	pulled bool      // what was read last is for who pulls: see pull.go
	relief time.Time // of a reader that the watcher has started in the place of who pulls: since when it reads
}

// large is a message that arrives in chunks.
type large struct {
	frame.Header
	buf    []byte // as long as the message
	filled int
	chunk  int  // bytes of the current chunk that are still to come
	last   bool // no chunk follows
}

func newReader(s transport.Stream, out *writer, maxMessage int) reader {
	return reader{stream: s, out: out, maxMessage: maxMessage, buf: make([]byte, readBuffer), arrivals: newArrivals(s)}
}

// next returns the next message. After transport.ErrNothing it can be called
// again; any other error is the end of the connection.
func (r *reader) next() (message, error) {
	for {
		m, ok, err := r.take()
		if ok || err != nil {
			return m, err
		}
		if r.underWay() {
			return r.readData()
		}
		if err := r.fill(); err != nil {
			return message{}, err
		}
	}
}

// ready tells whether next will return without reading.
func (r *reader) ready() bool {
	if r.large != nil && r.large.chunk > 0 || r.underWay() {
		return false
	}
	h, whole := r.seen()
	return whole && !h.Announces() && (h.Kind != frame.Chunk || h.Flags&(frame.More|frame.Abort) == 0)
}

// begun tells whether a large message is under way, of which the rest has to be read.
func (r *reader) begun() bool {
	h, whole := r.seen()
	return r.large != nil || whole && h.Announces()
}

// seen is the header of the next frame, if that was read as a whole. It may be wrong: next tells.
func (r *reader) seen() (h frame.Header, whole bool) {
	b := r.buf[r.start:r.end]
	if len(b) < frame.HeaderSize {
		return h, false
	}
	h = frame.Peek(b)
	return h, len(b)-frame.HeaderSize >= int(h.Length)
}

// take returns a message if what was read holds one.
func (r *reader) take() (message, bool, error) {
	for {
		if r.large != nil && r.large.chunk > 0 {
			r.takeChunk()
			if r.large.chunk > 0 {
				return message{}, false, nil
			}
		}
		if l := r.large; l != nil && l.last {
			r.large = nil
			return message{Header: l.Header, payload: l.buf, owned: true, files: r.arrivals.hand(r.arrivals.swap(nil))}, true, nil
		}
		b := r.buf[r.start:r.end]
		if r.underWay() {
			n := min(len(b), int(r.data.Length))
			r.start += n
			return r.cut(b[:n]), n > 0, nil
		}
		if len(b) < frame.HeaderSize {
			return message{}, false, nil
		}
		h, err := frame.Parse(b)
		if err != nil {
			return message{}, false, err
		}
		r.cpu = h.CPU
		r.frames++
		switch {
		case h.Kind == frame.Chunk:
			r.start += frame.HeaderSize
			if err = r.startChunk(h); err != nil {
				return message{}, false, err
			}
		case h.Kind == frame.Data && r.begin(h, len(b)-frame.HeaderSize):
			r.start += frame.HeaderSize
		case len(b) < frame.HeaderSize+int(h.Length):
			return message{}, false, nil
		default:
			payload := b[frame.HeaderSize : frame.HeaderSize+int(h.Length)]
			r.start += frame.HeaderSize + len(payload)
			r.likely = false
			payload, files, err := r.arrivals.cutFiles(h, payload)
			if err != nil {
				return message{}, false, err
			}
			if !h.Announces() {
				return message{Header: h, payload: payload, files: r.arrivals.hand(files)}, true, nil
			}
			r.arrivals.keep(files)
			if err = r.startLarge(h, payload); err != nil {
				return message{}, false, err
			}
		}
	}
}

// commonReply returns a reply without anything particular, if that is what comes next and was read.
func (r *reader) commonReply() (m message, ok bool) {
	b := r.buf[r.start:r.end]
	if len(b) < frame.HeaderSize || r.large != nil || r.underWay() {
		return m, false
	}
	h := frame.Peek(b)
	end := frame.HeaderSize + int(h.Length)
	if !h.IsCommonReply() || len(b) < end {
		return m, false
	}
	r.cpu, r.likely = h.CPU, false
	r.frames++
	r.start += end
	return message{Header: h, payload: b[frame.HeaderSize:end]}, true
}

// startLarge makes room for a large message. One is under way at a time, so that
// a peer can make this side hold no more than one of the greatest size.
func (r *reader) startLarge(h frame.Header, payload []byte) error {
	if r.large != nil {
		return fmt.Errorf("%v frame starts a large message inside another", h.Kind)
	}
	if len(payload) != frame.SizeLength {
		return fmt.Errorf("%v frame announces a large message in %d bytes instead of %d", h.Kind, len(payload), frame.SizeLength)
	}
	size := binary.LittleEndian.Uint64(payload)
	if size == 0 || size > uint64(r.maxMessage) {
		return fmt.Errorf("%v of %d bytes, the limit is %d", h.Kind, size, r.maxMessage)
	}
	h.Flags &^= frame.More
	r.large = &large{Header: h, buf: newLarge(int(size))}
	return nil
}

func (r *reader) startChunk(h frame.Header) error {
	l := r.large
	switch {
	case l == nil || l.ID != h.ID:
		return fmt.Errorf("chunk of a message that was not announced, call %d", h.ID)
	case h.Flags&frame.Abort != 0 && l.Kind == frame.Reply:
		return fmt.Errorf("reply to call %d given up half-way", l.ID) // its caller would wait for ever
	case h.Flags&frame.Abort != 0:
		r.large = nil
		r.arrivals.keep(nil)
		return nil
	case h.Length == 0 || int(h.Length) > len(l.buf)-l.filled:
		return fmt.Errorf("chunk of %d bytes where at most %d remain", h.Length, len(l.buf)-l.filled)
	case (h.Flags&frame.More == 0) != (int(h.Length) == len(l.buf)-l.filled):
		return fmt.Errorf("chunks of a message do not add up to its size of %d bytes", len(l.buf))
	}
	l.chunk = int(h.Length)
	l.last = h.Flags&frame.More == 0
	return nil
}

// takeChunk moves what was read of the current chunk to its place.
func (r *reader) takeChunk() {
	l := r.large
	n := copy(l.buf[l.filled:l.filled+l.chunk], r.buf[r.start:r.end])
	r.start += n
	l.filled += n
	l.chunk -= n
}

// fill reads more: into the large message where only its bytes can follow, else into the buffer.
func (r *reader) fill() error {
	if err := r.arrivals.stray(r.start == r.end); err != nil {
		return err
	}
	if l := r.large; l != nil && l.chunk > 0 {
		n, err := r.read(l.buf[l.filled : l.filled+l.chunk])
		r.arrivals.look()
		l.filled += n
		l.chunk -= n
		return ignoreAfter(n, err)
	}
	unread := r.buf[r.start:r.end]
	if r.end == len(r.buf) && r.end < maxReadBuffer {
		r.buf = make([]byte, maxReadBuffer)
	}
	r.start, r.end = 0, copy(r.buf, unread)
	room := r.buf[r.end:]
	if (r.large != nil || r.likely) && r.end < frame.HeaderSize {
		room = r.buf[r.end:frame.HeaderSize] // most likely of a chunk or a Data, whose bytes go to their place
	}
	n, err := r.read(room)
	r.arrivals.look()
	r.end += n
	return ignoreAfter(n, err)
}

// letGo is after how many frames who reads from a peer on the same processor lets others go first, although it has the peer to
// itself. Whoever goes on for 10 ms without that is looked after by Go's runtime, on a thread that wakes up every 20 µs for
// some milliseconds, and takes that processor each time.
const letGo = 256

// read tells the stream what is known of what comes. Before it waits for that, others go first.
func (r *reader) read(p []byte) (int, error) {
	if r.corked {
		r.corked = false
		r.out.flush()
	}
	transport.Turn()
	hint := r.hint
	near := r.cpu != 0 && r.cpu == transport.CPU()
	if r.alone += r.frames; near && r.alone >= letGo {
		hint &^= transport.Alone
	}
	if hint&transport.Spin != 0 && (near || r.cpu == 0) {
		hint &^= transport.Spin // on the same processor that would only keep the peer from its work
		if near && hint&transport.Alone != 0 && r.frames <= 1 && r.large == nil && !r.likely {
			hint |= transport.Near // a peer that sends more at once gets further if it is woken up later
		}
	}
	replies := r.replies
	r.frames, r.replies = 0, 0
	alone := hint&transport.Alone != 0
	if !alone {
		n, err := r.stream.ReadHint(p, transport.Now)
		if err != transport.ErrNothing {
			if r.out.attended {
				r.out.flush() // the peer may go on like this
			}
			return n, err
		}
		r.alone = 0
		if near {
			r.out.gather(replies)
		} else {
			transport.Yield()
		}
	}
	if r.out.attended {
		r.out.leave()
	}
	n, err := r.stream.ReadHint(p, hint)
	if near && !alone {
		r.out.attend()
	}
	return n, err
}

// ignoreAfter drops an error that came with bytes: the next read will tell it again.
func ignoreAfter(n int, err error) error {
	if n > 0 {
		return nil
	}
	return err
}
