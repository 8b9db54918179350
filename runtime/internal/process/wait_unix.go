//go:build linux || darwin

package process

import (
	"os"
	"syscall"
	"unsafe"
)

// awaitExit returns when p has ended, and leaves it to be reaped.
func awaitExit(p *os.Process) {
	const idPid, exited, leave = 1, 4, wNoWait
	var info [128]byte
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, idPid, uintptr(p.Pid), uintptr(unsafe.Pointer(&info)), exited|leave, 0, 0)
		if errno != syscall.EINTR {
			return
		}
	}
}
