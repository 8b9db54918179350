package schema

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/pingogen/pingogen/runtime/codec"
)

var (
	errShort  = errors.New("message ends early")
	errVarint = errors.New("malformed varint")
	errDeep   = errors.New("value nested too deep")
)

// maxFrames bounds the nesting of nodes, recursive or not.
const maxFrames = 100 * maxDepth

// Rewrite returns the message that the reader expects for the writer's. What
// stands behind the values that the plan is for is copied. The outcome is a new
// slice of at most limit bytes.
func (p *Plan) Rewrite(msg []byte, limit int) ([]byte, error) {
	x := rewriter{src: msg, dst: make([]byte, 0, len(msg)+64), limit: limit}
	x.run(p.root)
	x.pos = len(msg)
	x.flush()
	if x.err != nil {
		return nil, fmt.Errorf("it was written for another version of the contract, and cannot be converted: %w", x.err)
	}
	return x.dst, nil
}

// rewriter is one message on its way. What it goes over without a change is
// copied as late as possible, many values at once.
type rewriter struct {
	src       []byte
	kept, pos int // src[kept:pos] is to be copied
	dst       []byte
	limit     int
	depth     int // of recursive types
	frames    int
	ends      []int  // of fields that are to be put in order, on top of those of structs around
	scratch   []byte // while fields are put in order
	err       error
}

// fail stops everything: each loop looks at err.
func (x *rewriter) fail(err error) {
	if x.err == nil {
		x.err = fmt.Errorf("at byte %d of %d: %w", x.pos, len(x.src), err)
	}
	x.kept, x.pos = len(x.src), len(x.src)
}

// flush copies what is to be copied.
func (x *rewriter) flush() {
	x.write(x.src[x.kept:x.pos])
	x.kept = x.pos
}

func (x *rewriter) write(b []byte) {
	if len(b) > x.limit-len(x.dst) {
		x.fail(fmt.Errorf("the message becomes larger than the limit of %d bytes", x.limit))
		return
	}
	x.dst = append(x.dst, b...)
}

func (x *rewriter) run(n *node) {
	if x.frames++; x.frames > maxFrames || n.cyclic && x.depth == maxDepth {
		x.fail(errDeep)
	}
	if n.cyclic {
		x.depth++
	}
	if x.err == nil {
		x.value(n)
	}
	if n.cyclic {
		x.depth--
	}
	x.frames--
}

func (x *rewriter) value(n *node) {
	switch n.op {
	case opFixed:
		x.skip(n.size)
	case opVarint:
		x.uvarint()
	case opText:
		x.skip(x.uvarint())
	case opCounted:
		x.counted()
	case opInstant:
		x.uvarint()
		x.uvarint()
		x.uvarint()
	case opFailure:
		x.failure()
	case opDynamic:
		x.dynamic()
	case opReference:
		x.reference()
	case opList:
		x.list(n)
	case opArray:
		x.times(n.size, n.elems)
	case opOptional:
		x.optional(n)
	case opRecord:
		x.fields(n.record)
	case opSign:
		x.sign(n)
	case opWiden:
		x.widen(n)
	}
}

func (x *rewriter) skip(n uint64) {
	if n > uint64(len(x.src)-x.pos) {
		x.fail(errShort)
		return
	}
	x.pos += int(n)
}

func (x *rewriter) uvarint() uint64 {
	v, n := binary.Uvarint(x.src[x.pos:])
	if n <= 0 {
		if n == 0 {
			x.fail(errShort)
		} else {
			x.fail(errVarint)
		}
		return 0
	}
	x.pos += n
	return v
}

func (x *rewriter) counted() {
	if n := x.uvarint(); n > 0 {
		x.skip(n - 1)
	}
}

// failure goes over an error as the codec reads it.
func (x *rewriter) failure() {
	var d codec.Decoder
	d.Reset(x.src[x.pos:], false)
	_ = d.Error() // the error itself, not what went wrong
	if err := d.Err(); err != nil {
		x.fail(err)
		return
	}
	x.pos = len(x.src) - d.Remaining()
}

// dynamic goes over a value with its type as the codec reads it.
func (x *rewriter) dynamic() {
	var d codec.Decoder
	d.Reset(x.src[x.pos:], false)
	d.SkipAny()
	if err := d.Err(); err != nil {
		x.fail(err)
		return
	}
	x.pos = len(x.src) - d.Remaining()
}

func (x *rewriter) list(n *node) {
	if count := x.uvarint(); count > 0 {
		x.times(count-1, n.elems)
	}
}

// times goes over so many elements, each of which takes a byte at least.
func (x *rewriter) times(count uint64, elems []*node) {
	if count > uint64(len(x.src)-x.pos) {
		x.fail(errShort)
		return
	}
	for ; count > 0 && x.err == nil; count-- {
		for _, elem := range elems {
			x.run(elem)
		}
	}
}

func (x *rewriter) optional(n *node) {
	switch x.uvarint() {
	case 0:
	case 1:
		x.run(n.elems[0])
	default:
		x.fail(errors.New("a pointer is neither nil nor not"))
	}
}

func (x *rewriter) sign(n *node) {
	x.flush()
	v := x.uvarint()
	if v>>n.size != 0 {
		x.fail(fmt.Errorf("%d does not fit uint%d", v, n.size))
		return
	}
	var b [binary.MaxVarintLen64]byte
	x.write(b[:binary.PutVarint(b[:], int64(v))])
	x.kept = x.pos
}

func (x *rewriter) widen(n *node) {
	x.flush()
	for range n.size {
		at := x.pos
		if x.skip(4); x.err != nil {
			return
		}
		v := math.Float32frombits(binary.LittleEndian.Uint32(x.src[at:]))
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(float64(v)))
		x.write(b[:])
	}
	x.kept = x.pos
}

// fields goes over the fields of a struct.
func (x *rewriter) fields(rec *record) {
	if rec.order != nil {
		x.reorder(rec)
		return
	}
	for i := range rec.steps {
		if x.err != nil {
			return
		}
		x.step(&rec.steps[i])
	}
	x.insert(rec.tail)
}

func (x *rewriter) step(s *step) {
	if !s.drop {
		x.insert(s.before)
		x.run(s.node)
		return
	}
	x.flush()
	x.run(s.node)
	x.kept = x.pos
}

// insert writes b here, after all that came before.
func (x *rewriter) insert(b []byte) {
	if len(b) > 0 {
		x.flush()
		x.write(b)
	}
}

// reorder writes the fields in the order in which they come, and then puts them
// in the reader's.
func (x *rewriter) reorder(rec *record) {
	x.flush()
	start, outer := len(x.dst), len(x.ends)
	x.ends = append(x.ends, start)
	for i := range rec.steps {
		x.step(&rec.steps[i])
		x.flush()
		x.ends = append(x.ends, len(x.dst))
	}
	if x.err == nil {
		x.arrange(rec.order, start, x.ends[outer:])
	}
	x.ends = x.ends[:outer]
}

// arrange puts what was written from start on, where each field is between two of ends, in order.
func (x *rewriter) arrange(order []source, start int, ends []int) {
	x.scratch = append(x.scratch[:0], x.dst[start:]...)
	x.dst = x.dst[:start]
	for _, s := range order {
		if s.step < 0 {
			x.write(s.zero)
			continue
		}
		x.write(x.scratch[ends[s.step]-start : ends[s.step+1]-start])
	}
}
