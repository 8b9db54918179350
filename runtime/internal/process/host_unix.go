//go:build unix

package process

import (
	"os"
	"time"
)

// host is the process that started this one. When it is gone, another takes its place.
var host = os.Getppid()

// hostTick is how often it is looked for.
const hostTick = 10 * time.Millisecond

// HostGone tells whether the host of this plugin ends within a while.
func HostGone(within time.Duration) bool {
	for end := time.Now().Add(within); os.Getppid() == host; time.Sleep(hostTick) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// AwaitHostGone returns when the host of this plugin has ended.
func AwaitHostGone() {
	for os.Getppid() == host {
		time.Sleep(hostTick)
	}
}
