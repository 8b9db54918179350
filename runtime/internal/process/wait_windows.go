package process

import (
	"os/exec"
	"syscall"
)

// reap waits for a process, calls end and lets go of it.
func reap(cmd *exec.Cmd, _ bool, end func()) {
	_ = cmd.Process.WithHandle(func(h uintptr) { // fails only after Wait
		_, _ = syscall.WaitForSingleObject(syscall.Handle(h), syscall.INFINITE)
	})
	end()
	_ = cmd.Wait() // the state tells more than the error
}

// threadIsFree: any thread will do, since only the process itself is waited for.
func threadIsFree() bool { return true }
