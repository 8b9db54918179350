package conn

import (
	"runtime"
	"testing"
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
