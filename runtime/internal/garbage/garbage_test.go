package garbage

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatIsWorthACollection(t *testing.T) {
	const mib = 1 << 20
	for name, test := range map[string]struct {
		heap heap
		want bool
	}{
		"nothing":                   {heap{}, false},
		"little":                    {heap{objects: mib - 1}, false},
		"before any collection":     {heap{objects: 3 * mib}, true},
		"all in use":                {heap{live: 3 * mib, objects: 3 * mib}, false},
		"less than was in use":      {heap{live: 3 * mib, objects: 2 * mib}, false},
		"much of a small heap":      {heap{live: 3 * mib, objects: 5 * mib}, true},
		"little of a larger heap":   {heap{live: 60 * mib, objects: 70 * mib}, false},
		"much of a larger heap":     {heap{live: 60 * mib, objects: 80 * mib}, true},
		"a heap that takes long":    {heap{live: 1000 * mib, objects: 2000 * mib}, false},
		"collected, but not gone":   {heap{live: mib, objects: mib, free: 20 * mib}, true},
		"nobody wants a collection": {heap{live: mib, objects: 100 * mib, off: true}, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, test.heap.worthwhile()) })
	}
}

// collecting sets GOGC, but for what a program sees of it in its environment, and collects.
func collecting(t *testing.T, percent int) {
	before := debug.SetGCPercent(percent)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	kept = 0
	runtime.GC()
}

func TestGOGCOffIsSeen(t *testing.T) {
	collecting(t, 100)
	require.False(t, readHeap("").off)
	require.True(t, readHeap("off").off)
	collecting(t, -1)
	require.True(t, readHeap("").off)
}

func TestWhatIsInUseIsKnown(t *testing.T) {
	const mib = 1 << 20
	used := make([]byte, 40*mib)
	for _, percent := range []int{50, 100, 400} {
		collecting(t, percent)
		h := readHeap(strconv.Itoa(percent))
		require.InDelta(t, 42*mib, h.live, 2*mib, "GOGC=%d", percent)
		require.InDelta(t, 42*mib, h.objects, 2*mib, "GOGC=%d", percent)
	}
	runtime.KeepAlive(used)
}

func TestWhatIsInUseIsNotCollectedAgain(t *testing.T) {
	collecting(t, 100)
	t.Setenv("GOGC", "100")
	used := make([]byte, 3*worthBytes/2)
	GiveBack()
	require.False(t, readHeap("").worthwhile())
	runtime.KeepAlive(used)
}
