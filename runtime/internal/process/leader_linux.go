package process

import "syscall"

// leader makes a process lead a group. One that is stopped when its host ends
// is woken up, to notice that its host is gone.
func leader() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGCONT}
}
