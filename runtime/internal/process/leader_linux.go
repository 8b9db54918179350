package process

import "syscall"

// leader makes a process lead a session, which has no terminal, and a group. One that
// is stopped when its host ends is woken up, to notice that its host is gone.
func leader() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGCONT}
}
