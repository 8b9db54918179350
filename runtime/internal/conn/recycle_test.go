package conn

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestRecycledBuffersAreLongEnough(t *testing.T) {
	for _, size := range []int{1, smallestRecycled - 1, smallestRecycled, smallestRecycled + 1, 1 << 20, 1<<20 + 14, 3<<20 + 1, 64 << 20} {
		b := newLarge(size)
		require.Len(t, b, size)
		b[size-1] = 1
		require.LessOrEqual(t, cap(b), size+size/8+8)
	}
}

// A buffer of which anybody has a part is not given to somebody else.
func TestBuffersInUseAreNotRecycled(t *testing.T) {
	kept := map[*byte][]byte{}
	for i := range 40 {
		b := newLarge(smallestRecycled)
		part := b[1000:1010]
		_, used := kept[unsafe.SliceData(part)]
		require.False(t, used)
		for j := range part {
			part[j] = byte(i)
		}
		kept[unsafe.SliceData(part)] = part
		runtime.GC()
	}
	seen := map[byte]bool{}
	for _, part := range kept {
		require.Equal(t, part[0], part[9])
		seen[part[0]] = true
	}
	require.Len(t, seen, 40)
}

// A recycled buffer still holds what a fresh one cannot.
func TestBuffersAreRecycled(t *testing.T) {
	const size = 5 << 20
	for range 1000 {
		b := newLarge(size)
		if b[size-1] == 1 {
			return
		}
		b[size-1] = 1
		runtime.GC()
	}
	t.Fatal("no buffer came back")
}

// withoutCollections has nobody but this package ask the collector.
func withoutCollections(t *testing.T) {
	t.Setenv("GOGC", "100")
	before := debug.SetGCPercent(1 << 20)
	t.Cleanup(func() { debug.SetGCPercent(before) })
}

// The collector does not reckon with buffers that are used again.
func TestBuffersAreAskedFor(t *testing.T) {
	withoutCollections(t)
	runtime.GC()
	for range 3 * leastLent >> 20 {
		newLarge(1 << 20)
	}
	require.Eventually(t, func() bool { // more than a collection that was under way found
		newLarge(1 << 20)
		return lent.bytes.Load() < leastLent
	}, time.Minute, time.Millisecond)
}

// What is in use is looked at again when there is twice as much of it.
func TestBuffersInUseAreNotAskedForAgain(t *testing.T) {
	withoutCollections(t)
	var kept [][]byte
	for range 3 * leastLent >> 20 {
		kept = append(kept, newLarge(1<<20))
	}
	require.Eventually(t, func() bool {
		collect() // unless one is under way, or was a moment ago
		return lent.limit.Load() >= 2*3*leastLent
	}, time.Minute, time.Millisecond)
	runtime.KeepAlive(kept)
}

// What is freed does not count as in use for who looks at the heap next.
func TestForgottenBuffersAreFreed(t *testing.T) {
	withoutCollections(t)
	const size = 31 << 20
	var m runtime.MemStats
	for range 20 { // on a busy machine, finalizers may still be at it when the collector looks again
		newLarge(size)
		ForgetBuffers()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc < size {
			break
		}
	}
	require.Less(t, m.HeapAlloc, uint64(size))
	newLarge(size)
	require.False(t, lent.idle.Load(), "it is used again")
}

func TestBuffersAreNotFreedWithoutCollections(t *testing.T) {
	for name, off := range map[string]func(){
		"environment": func() { t.Setenv("GOGC", "off") },
		"program":     func() { debug.SetGCPercent(-1) },
	} {
		withoutCollections(t)
		runtime.GC()
		idle := func() bool { return !lent.collecting.Load() && lent.rest.Left() <= 0 }
		require.Eventually(t, idle, time.Minute, time.Millisecond) // what another test has asked for
		off()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var kept [][]byte
		for lent.bytes.Load() <= max(leastLent, lent.limit.Load()) {
			kept = append(kept, newLarge(1<<20))
		}
		require.Eventually(t, func() bool { return !lent.collecting.Load() }, time.Minute, time.Millisecond)
		ForgetBuffers()
		runtime.ReadMemStats(&after)
		require.Equal(t, before.NumForcedGC, after.NumForcedGC, name)
		runtime.KeepAlive(kept)
	}
}
