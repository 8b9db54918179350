// Package garbage gives memory back that a program has left and does not need while it is idle.
//
// Go's collector does not look at a heap of less than 4 MiB, and lets a larger one double. A program that has
// served calls and serves none now keeps garbage that nobody will look at for up to two minutes, and there may be
// many such programs. When one has left something worth the while, GiveBack collects that and returns it to the system.
package garbage

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

const (
	// worthBytes is the least that is collected,
	worthBytes = 1 << 20
	// worthShare and which part of what is in use: the collector looks at all of that,
	worthShare = 4
	// maxLive and takes half a millisecond for each MiB of it. A heap in which more is in use is left to its own pace.
	maxLive = 64 << 20
)

// giving is set while GiveBack is at it.
var giving atomic.Bool

// GiveBack returns what is not needed to the system, if it is worth the while, and nobody else is at it. A program that
// has turned the collector off (GOGC=off) is left alone.
func GiveBack() {
	if !giving.CompareAndSwap(false, true) {
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
