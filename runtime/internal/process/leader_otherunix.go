//go:build unix && !linux

package process

import "syscall"

// leader makes a process lead a session, which has no terminal, and a group.
func leader() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
