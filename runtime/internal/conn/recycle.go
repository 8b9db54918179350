package conn

import (
	"math/bits"
	"runtime"
	"sync"
	"unsafe"
)

// Buffers of large messages
//
// What is decoded from a large message points into it, so that nobody knows when
// its buffer is no longer used, but the collector. It gives the buffer back instead of
// freeing it: a fresh one would have to be cleared, and its pages made, and so
// many of them would keep the collector busy all the time.

// smallestRecycled is the size from which on that pays.
const smallestRecycled = 256 << 10

// recycled has the buffers of each size class, of which there are eight between
// powers of two. A pool lets go of what is not used for some collections.
var recycled [64 * 8]sync.Pool // of *byte

// newLarge returns a buffer of the given size, whose content is not defined.
func newLarge(size int) []byte {
	if size < smallestRecycled {
		return make([]byte, size)
	}
	shift := bits.Len(uint(size-1)) - 4
	eighths := (size-1)>>shift + 1 // 9 to 16
	class := shift*8 + eighths - 9
	p, _ := recycled[class].Get().(*byte)
	if p == nil {
		p = unsafe.SliceData(make([]byte, eighths<<shift))
	}
	runtime.SetFinalizer(p, func(p *byte) { recycled[class].Put(p) })
	return unsafe.Slice(p, size)
}
