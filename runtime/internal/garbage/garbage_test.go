package garbage

import (
	"runtime/debug"
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

func TestGOGCOffIsSeen(t *testing.T) {
	require.False(t, readHeap().off)
	before := debug.SetGCPercent(-1)
	defer debug.SetGCPercent(before)
	require.True(t, readHeap().off)
}
