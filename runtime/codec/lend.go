package codec

import "unsafe"

// lendFrom is how long a byte slice or a string is that is better lent than copied.
const lendFrom = 64 << 10

// Lent are bytes of a message which were not copied: they stand before the byte At
// of the buffer.
type Lent struct {
	At    int
	Bytes []byte
}

// Lend lets long byte slices and strings stay where they are until the message is
// sent: see Lent. Whoever encodes does not change them until then.
func (e *Encoder) Lend() { e.lending = true }

// Lent returns what belongs between parts of Buffer, in order.
func (e *Encoder) Lent() []Lent { return e.lent }

// Size is the length of the message, behind what Reset was given.
func (e *Encoder) Size() int {
	size := len(e.buf)
	for _, l := range e.lent {
		size += len(l.Bytes)
	}
	return size
}

// content appends the bytes of a value, or lends them.
func (e *Encoder) content(b []byte) {
	if e.lending && len(b) >= lendFrom {
		e.lent = append(e.lent, Lent{len(e.buf), b})
		return
	}
	e.grown(append(e.buf, b...))
}

// copied has f write a part that is measured, or may be taken back, in one piece.
func (e *Encoder) copied(f func()) {
	lending := e.lending
	e.lending = false
	f()
	e.lending = lending
}

func stringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
