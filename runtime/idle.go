package pingo

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// What a plugin gives back
//
// Go's collector does not look at a heap of less than 4 MiB, and lets a larger one double. So a plugin that has served
// calls and serves none now keeps garbage that nobody will look at for up to two minutes, and a host has many plugins. When
// one has been idle for a second, and has left something worth the while, it collects and returns that to
// the system. Then it does nothing at all until it has served other calls.

const (
	// worthBytes is the least that is collected,
	worthBytes = 1 << 20
	// worthShare and which part of what is in use: the collector looks at all of that,
	worthShare = 4
	// maxLive and takes half a millisecond for each MiB of it. A heap in which more is in use is left to its own pace.
	maxLive = 64 << 20
)

// hosting tells that this program has started plugins: its heap is not that of a plugin alone.
var hosting atomic.Bool

// giving is set while giveBack is at it.
var giving atomic.Bool

// giveBack is what a plugin does when it has nothing to do. A program that has turned the collector off (GOGC=off)
// is left alone.
func giveBack() {
	if hosting.Load() || !giving.CompareAndSwap(false, true) {
		return
	}
	defer giving.Store(false)
	if readHeap().worthwhile() {
		debug.FreeOSMemory()
	}
}

// heap is what is known of the heap, in bytes.
type heap struct {
	live    uint64 // that the last collection found in use
	objects uint64 // that are allocated, in use or not
	free    uint64 // that are neither, and not the system's
	off     bool   // nobody wants collections
}

func readHeap() heap {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/gc/gogc:percent"},
	}
	metrics.Read(s)
	return heap{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64() == math.MaxUint64}
}

// worthwhile tells whether much can be given back, of what there is.
func (h heap) worthwhile() bool {
	left := h.free + h.objects - min(h.live, h.objects)
	return !h.off && h.live <= maxLive && left >= max(worthBytes, h.live/worthShare)
}
