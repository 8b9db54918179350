package conn

import (
	"sync"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// Pieces
//
// The bytes of a stream wait in buffers that are used again and again. Each has one owner at any time, who
// does not touch it after having passed it on:
//
//   - who reads, from newPiece on, for as long as one read takes;
//   - the inbox that the bytes are for, while they wait;
//   - who takes them, from one Next to the following one, or as long as a Write to the inbox's writer takes;
//     then the inbox gives the buffer back with freePiece.

const (
	// smallPiece is the size of buffers that bytes are copied to.
	smallPiece = 32 << 10
	// largePiece is the size of those that are read to. No Data needs more than two.
	largePiece = frame.MaxChunk / 2
)

var (
	smallPieces = sync.Pool{New: func() any { return new([smallPiece]byte) }}
	largePieces = sync.Pool{New: func() any { return new([largePiece]byte) }}
)

// newPiece returns a large piece, with its length.
func newPiece() []byte { return largePieces.Get().(*[largePiece]byte)[:] }

// freePiece takes the bytes of a piece from its first on.
func freePiece(p []byte) {
	switch cap(p) {
	case smallPiece:
		smallPieces.Put((*[smallPiece]byte)(p[:smallPiece]))
	case largePiece:
		largePieces.Put((*[largePiece]byte)(p[:largePiece]))
	}
}

// pieces wait, in the order in which they came. All but the last are full, so that they hold little more than
// there are bytes in them.
type pieces [][]byte

// add copies bytes: it fills the last piece before it begins another.
func (q *pieces) add(b []byte) {
	for len(b) > 0 {
		last := len(*q) - 1
		if last < 0 || len((*q)[last]) == cap((*q)[last]) {
			*q = append(*q, smallPieces.Get().(*[smallPiece]byte)[:0])
			last++
		}
		p := &(*q)[last]
		n := min(len(b), cap(*p)-len(*p))
		*p = append(*p, b[:n]...)
		b = b[n:]
	}
}

// adopt takes over the first bytes of a piece, or copies them if there is room for them elsewhere.
func (q *pieces) adopt(p []byte) {
	if last := len(*q) - 1; last < 0 || len((*q)[last]) == cap((*q)[last]) {
		*q = append(*q, p)
		return
	}
	q.add(p)
	freePiece(p)
}

// next returns the first piece, whose owner is the caller now, or nil.
func (q *pieces) next() []byte {
	if len(*q) == 0 {
		return nil
	}
	p := (*q)[0]
	(*q)[0] = nil
	*q = (*q)[1:]
	return p
}
