package process

import (
	"os"
	"syscall"
)

// newPipe is os.Pipe for a child that writes: its end is not made known to the network poller, which would
// have to forget it at once.
func newPipe() (r, w *os.File, err error) {
	var fds [2]int
	if err := syscall.Pipe2(fds[:], syscall.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	_ = syscall.SetNonblock(fds[0], true) // which makes it known; it cannot fail
	return os.NewFile(uintptr(fds[0]), "from plugin"), os.NewFile(uintptr(fds[1]), "to host"), nil
}
