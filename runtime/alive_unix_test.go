//go:build unix && !linux

package pingo_test

import "syscall"

// alive tells whether a process exists.
func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
