// Package garbage gives memory back that a program has left and does not need while it is idle.
//
// Go's collector does not look at a heap of less than 4 MiB, and lets a larger one double. A program that has
// served calls and serves none now keeps garbage that nobody will look at for up to two minutes, and there may be
// many such programs. When one has left something worth the while, GiveBack collects that and returns it to the system.
package garbage

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
)

const (
	// worthBytes is the least that is collected,
	worthBytes = 1 << 20
	// worthShare and which part of what is in use: the collector looks at all of that,
	worthShare = 4
	// maxLive and takes half a millisecond for each MiB of it. A heap in which more is in use is left to its own pace.
	maxLive = 64 << 20
	// smallest is the heap that Go does not look at, with GOGC=100.
	smallest = 4 << 20
)

// giving is set while GiveBack is at it.
var giving atomic.Bool

// kept is what was in use after the last collection here, in bytes. It belongs to who has set giving.
var kept uint64

// GiveBack returns what is not needed to the system, if it is worth the while, and nobody else is at it. A program that
// has turned the collector off (GOGC=off) is left alone. It stops the program for a moment to look.
func GiveBack() {
	if !giving.CompareAndSwap(false, true) {
		return
	}
	defer giving.Store(false)
	if readHeap(os.Getenv("GOGC")).worthwhile() {
		debug.FreeOSMemory()
		kept = readHeap("").objects
	}
}

// heap is what is known of the heap, in bytes.
type heap struct {
	live    uint64 // about what the last collection found in use; 0 if that is not known, which may be 2 MiB
	objects uint64 // that are allocated, in use or not
	free    uint64 // that are neither, and not the system's
	off     bool   // nobody wants collections
}

// readHeap is what package runtime tells. Package runtime/metrics would know what is in use, but takes a twentieth of
// a plugin's start to begin. So that is reckoned back from how large the heap may grow, by GOGC of the environment.
func readHeap(gogc string) heap {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := heap{live: kept, objects: m.HeapAlloc, free: m.HeapIdle - m.HeapReleased, off: isOff(gogc, &m)}
	percent, err := strconv.ParseUint(gogc, 10, 31)
	if err != nil {
		percent = 100
	}
	if m.NextGC > smallest*percent/100 {
		h.live = max(kept, m.NextGC/(100+percent)*100) // less if GOMEMLIMIT bounds it
	}
	return h
}

// Unwanted tells whether the program has turned the collector off, by GOGC=off or debug.SetGCPercent(-1). It stops the program
// for a moment to look. A program that has a limit of memory instead (debug.SetMemoryLimit) is told only by the former.
func Unwanted() bool {
	gogc := os.Getenv("GOGC")
	if isOff(gogc, &runtime.MemStats{}) {
		return true
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return isOff(gogc, &m)
}

func isOff(gogc string, m *runtime.MemStats) bool { return gogc == "off" || m.NextGC > math.MaxInt64/2 }

// worthwhile tells whether much can be given back, of what there is.
func (h heap) worthwhile() bool {
	left := h.free + h.objects - min(h.live, h.objects)
	return !h.off && min(h.live, h.objects) <= maxLive && left >= max(worthBytes, h.live/worthShare)
}
