package transport

import "syscall"

// pollFd is struct pollfd.
type pollFd struct {
	fd      int32
	events  int16
	revents int16
}

const (
	pollIn    = 0x1
	pollRdhup = 0x2000 // the peer has closed its end, whatever it sent before
)

// schedYield lets other threads run on this processor.
func schedYield() { _, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) } // Go's scheduler need not know
