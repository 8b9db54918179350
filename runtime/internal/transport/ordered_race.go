//go:build race

package transport

import "sync/atomic"

// What was written happens before what is read, which the race detector does not see
// where the kernel is asked directly, memory is shared, or descriptors may come along, and both ends are in one process.
var ordered atomic.Int64

func release() { ordered.Add(1) }
func acquire() { ordered.Load() }
