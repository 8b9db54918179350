//go:build unix

package codec

import (
	"os"
	"syscall"
)

// duplicate returns a descriptor of its own for what v has open, in whatever mode it is.
func duplicate(v descriptor) (fd int, err error) {
	raw, err := v.SyscallConn()
	if err != nil {
		return -1, err
	}
	closed := raw.Control(func(original uintptr) {
		syscall.ForkLock.RLock() // what is started meanwhile does not inherit it
		defer syscall.ForkLock.RUnlock()
		if fd, err = syscall.Dup(int(original)); err == nil {
			syscall.CloseOnExec(fd)
		}
	})
	if _, file := v.(*os.File); file && closed != nil {
		return -1, os.ErrClosed // which package os does not say here
	} else if closed != nil {
		return -1, closed
	}
	return fd, err
}

func closeDescriptor(fd int) { _ = syscall.Close(fd) }
