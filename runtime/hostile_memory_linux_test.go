package pingo_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// What a hostile plugin, or a hostile host, does to the memory that both share.

func init() {
	type outrage struct {
		name   string
		commit func(r *rogue, heard func() (id uint64))
		plugin string // words of what the plugin says of it, and of
		host   string // what the host does
	}
	for _, o := range []outrage{
		{"a position in shared memory that cannot be", func(r *rogue, heard func() uint64) {
			heard()
			r.ring[wordHead].Store(1 << 60)
			wakeReader(r.ring)
		}, "nonsense to the shared memory", "nonsense to the shared memory"},
		{"descriptors that did not come with shared memory", func(r *rogue, heard func() uint64) {
			id := heard()
			r.ring[wordPassed].Store(1)
			r.say(frame.Reply, 0, id, hello)
		}, "descriptors that did not come", "descriptors that did not come"},
		{"shared memory written all over", func(r *rogue, heard func() uint64) {
			heard()
			for range 100_000 {
				r.ring[rand.IntN(len(r.ring))].Store(rand.Uint64() >> rand.IntN(64))
				wakeReader(r.ring)
			}
			r.ring[wordHead].Store(1 << 60)
			wakeReader(r.ring)
		}, "the host is gone", "was lost"},
	} {
		crimes = append(crimes, crime{name: o.name, shared: true, call: o.host, end: o.host, commit: func(r *rogue) {
			r.ring = sharedRing()
			o.commit(r, func() uint64 { return r.hear(frame.Call) })
		}})
		abuses = append(abuses, abuse{name: o.name, shared: true, end: o.plugin, commit: func(r *rogue) {
			o.commit(r, func() uint64 { return 1 })
		}})
	}
	mapRing = func(t *testing.T, memory *os.File) []atomic.Uint64 {
		region, err := syscall.Mmap(int(memory.Fd()), 0, 8*ringWords, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		require.NoError(t, err)
		t.Cleanup(func() { _ = syscall.Munmap(region) })
		return unsafe.Slice((*atomic.Uint64)(unsafe.Pointer(&region[0])), ringWords)
	}
}

// Words of a ring in shared memory: up to where it is written, whether who reads sleeps, and how many sets of
// descriptors were sent.
const (
	wordHead   = 0
	wordHungry = 2 * 16
	wordPassed = 4 * 16
	ringWords  = 5 * 16
)

// sharedRing is what precedes the bytes of the ring that a plugin writes to.
func sharedRing() []atomic.Uint64 {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		fail(err)
	}
	for line := range strings.Lines(string(maps)) {
		var start, end uintptr
		if strings.Contains(line, "pingo:shared") {
			if _, err := fmt.Sscanf(line, "%x-%x", &start, &end); err != nil {
				fail(err)
			}
			region := *(*unsafe.Pointer)(unsafe.Pointer(&start)) // which is no Go memory
			return unsafe.Slice((*atomic.Uint64)(region), 2*ringWords)[ringWords:]
		}
	}
	fail(fmt.Errorf("no memory is shared: %s", maps))
	return nil
}

func wakeReader(ring []atomic.Uint64) {
	ring[wordHungry].Store(0)
	_, _, _ = syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&ring[wordHungry])), 1, 1, 0, 0, 0)
}
