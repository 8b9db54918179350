//go:build unix

package handshake

import "syscall"

// keepFromChildren keeps a descriptor from processes that the plugin starts.
func keepFromChildren(fd uintptr) { syscall.CloseOnExec(int(fd)) }
