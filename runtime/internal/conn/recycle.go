package conn

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/internal/clock"
	"github.com/pingogen/pingogen/runtime/internal/garbage"
)

// Buffers of large messages
//
// What is decoded from a large message points into it, so that nobody knows when
// its buffer is no longer used, but the collector. It gives the buffer back instead of
// freeing it: a fresh one would have to be cleared, and its pages made, and so
// many of them would keep the collector busy all the time.
//
// But it reckons with what is allocated, and what is used again is not. Left alone, it would
// look for buffers when there are none any more, each time after more calls, and find ever more of them. So it is
// asked to look when twice as much is lent as it found in use, which is what it does for what it reckons with.

const (
	// smallestRecycled is the size from which on that pays.
	smallestRecycled = 256 << 10
	// leastLent is how many bytes are lent before the collector is asked.
	leastLent = 64 << 20
	// restAfter is for how many times what a collection took it is not asked for another.
	restAfter = 4
	// restUnwanted is for how long a program that wants no collections is not asked for one again.
	restUnwanted = time.Second
)

// recycled has the buffers of each size class, of which there are eight between
// powers of two. A pool lets go of what is not used for some collections.
var recycled [64 * 8]sync.Pool // of *byte

// lent is what was taken from recycled and has not come back.
var lent struct {
	bytes atomic.Int64
	limit atomic.Int64 // at which the collector is asked, unless leastLent is more
	idle  atomic.Bool  // nobody has asked for a buffer since ForgetBuffers

	collecting atomic.Bool
	rest       clock.Instant // until then the collector is not asked; belongs to who has set collecting
}

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
		fresh := make([]byte, eighths<<shift)
		preferHugePages(fresh)
		p = unsafe.SliceData(fresh)
	}
	lend(p, int64(eighths<<shift), &recycled[class])
	return unsafe.Slice(p, size)
}

// lend has a buffer given back to its pool when nobody uses it any more.
func lend(p *byte, size int64, pool *sync.Pool) {
	if lent.idle.Load() {
		lent.idle.Store(false)
	}
	runtime.SetFinalizer(p, func(p *byte) {
		lent.limit.Store(2 * lent.bytes.Add(-size))
		if !lent.idle.Load() {
			pool.Put(p)
		}
	})
	if lent.bytes.Add(size) > max(leastLent, lent.limit.Load()) {
		collect()
	}
}

// collect has the collector look for buffers that nobody uses, unless it just has, or the program wants no collections.
func collect() {
	if !lent.collecting.CompareAndSwap(false, true) {
		return
	}
	if lent.rest.Left() > 0 {
		lent.collecting.Store(false)
		return
	}
	go func() {
		defer lent.collecting.Store(false)
		if garbage.Unwanted() {
			lent.rest = clock.Now().After(restUnwanted)
			return
		}
		begun := clock.Now()
		runtime.GC()
		lent.limit.Store(2 * lent.bytes.Load()) // finalizers, which run now, take off what comes back
		took := time.Duration(clock.Now() - begun)
		lent.rest = clock.Now().After(restAfter * took)
	}()
}

// ForgetBuffers frees the buffers that nobody uses, unless the program wants no collections.
func ForgetBuffers() {
	if lent.idle.Swap(true) || lent.limit.Load()+lent.bytes.Load() == 0 || garbage.Unwanted() {
		return
	}
	runtime.GC() // finds them
	runtime.GC() // until now they, and what pools keep for another collection, counted as in use
}
