//go:build unix

package executable

import (
	"os"
	"syscall"
)

// remove removes a file or an empty directory. What is gone already is no matter.
func remove(path string) { _ = os.Remove(path) }

// holdForks keeps this process from starting others until the returned function is called.
func holdForks() (release func()) {
	syscall.ForkLock.RLock()
	return syscall.ForkLock.RUnlock
}
