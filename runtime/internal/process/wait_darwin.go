package process

import (
	"os/exec"
	"syscall"
	"unsafe"
)

// reap waits for a process, calls end while its number is still its own, and
// then lets go of it.
func reap(cmd *exec.Cmd, _ bool, end func()) {
	awaitExit(cmd.Process.Pid)
	end()
	_ = cmd.Wait() // the state tells more than the error
}

// awaitExit returns when a child has ended, and leaves it to be reaped.
func awaitExit(pid int) {
	const (
		idPid  = 1
		exited = 4
		noWait = 0x20
	)
	var info [128]byte // a siginfo, which nobody reads
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, idPid, uintptr(pid), uintptr(unsafe.Pointer(&info)), exited|noWait, 0, 0)
		if errno != syscall.EINTR {
			return
		}
	}
}

// threadIsFree: any thread will do, since only the process itself is waited for.
func threadIsFree() bool { return true }
