package pingo_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// What a hostile plugin does to the memory that it shares with its host.

func init() {
	crimes = append(crimes,
		crime{name: "a position in shared memory that cannot be", shared: true, call: "nonsense to the shared memory", end: "nonsense to the shared memory", commit: func(r *rogue) {
			r.hear(frame.Call)
			ring := sharedRing()
			ring[wordHead].Store(1 << 60)
			wakeReader(ring)
		}},
		crime{name: "descriptors that did not come with shared memory", shared: true, call: "descriptors that did not come", end: "descriptors that did not come", commit: func(r *rogue) {
			id := r.hear(frame.Call)
			sharedRing()[wordPassed].Store(1)
			r.say(frame.Reply, 0, id, hello)
		}},
		crime{name: "shared memory written all over", shared: true, call: "was lost", end: "was lost", commit: func(r *rogue) {
			r.hear(frame.Call)
			ring := sharedRing()
			for range 100_000 {
				ring[rand.IntN(len(ring))].Store(rand.Uint64() >> rand.IntN(64))
				wakeReader(ring)
			}
			ring[wordHead].Store(1 << 60)
			wakeReader(ring)
		}},
	)
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
