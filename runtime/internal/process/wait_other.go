//go:build !linux && !darwin && !windows

package process

import "os/exec"

// reap is for systems that show the end of a process only by reaping it: the
// number of its group is free for a moment before end uses it.
func reap(cmd *exec.Cmd, _ bool, end func()) {
	_ = cmd.Wait() // the state tells more than the error
	end()
}

// threadIsFree: any thread will do, since only the process itself is waited for.
func threadIsFree() bool { return true }
