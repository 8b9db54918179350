package pingo

import (
	"sync/atomic"

	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/garbage"
)

// hosting tells that this program has started plugins: its heap is not that of a plugin alone.
var hosting atomic.Bool

// giveBack is what a plugin does when it has been idle for a second. Then it does nothing at all until it
// has served other calls.
func giveBack() {
	if !hosting.Load() {
		conn.ForgetBuffers()
		garbage.GiveBack()
	}
}
