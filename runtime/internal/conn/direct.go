package conn

import "github.com/pingogen/pingogen/runtime/internal/frame"

// Bytes of a stream that are read to where they stay
//
// A large Data is not read as a whole: what comes of it is handed on at once, and goes from the stream to the
// buffer of who takes it, if that is who reads, and else to a piece that the inbox gets: see pieces.go.
// So nothing is copied on the way that would not have been copied anyway.

// direct is the part of a reader that has to do with this.
type direct struct {
	data   frame.Header // of the Data that is under way; Length is what has not been handed on
	likely bool         // another one follows, most likely: its bytes are not to be read with its header
	goal   goal
}

// goal is where the bytes of a stream go. The buffer belongs to the goroutine that holds the
// reader role, which has it from its caller, and takes it away before it gives the role to another.
type goal struct {
	id  uint64 // of the stream, or 0
	buf []byte
}

// underWay tells whether the next bytes that come belong to a Data that was begun.
func (d *direct) underWay() bool { return d.data.Length > 0 }

// smallData is how many bytes of a stream are better read together with what follows them.
const smallData = 4 << 10

// begin tells whether a Data, of which some bytes are there, is handed on as it comes. Another one is read as a
// whole, like other frames.
func (d *direct) begin(h frame.Header, there int) bool {
	if h.Length <= frame.MaxPlain && (h.ID != d.goal.id || int(h.Length)-there < smallData) {
		return false
	}
	d.data, d.likely = h, true
	return true
}

// cut hands on the next n bytes, which are p.
func (d *direct) cut(p []byte) message {
	m := message{Header: d.data, payload: p}
	d.data.Length -= uint32(len(p))
	return m
}

// readData reads bytes of the Data that is under way. Nothing else is there.
func (r *reader) readData() (message, error) {
	if err := r.arrivals.stray(true); err != nil {
		return message{}, err
	}
	reached := r.goal.id == r.data.ID
	p := r.goal.buf
	if !reached {
		p = newPiece()
	}
	n, err := r.read(p[:min(len(p), int(r.data.Length))])
	r.arrivals.look()
	if n == 0 {
		if !reached {
			freePiece(p)
		}
		return message{}, err
	}
	m := r.cut(p[:n])
	m.reached, m.owned = reached, !reached
	return m, nil
}
