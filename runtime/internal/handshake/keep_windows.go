package handshake

import "syscall"

// keepFromChildren keeps a handle from processes that the plugin starts.
func keepFromChildren(h uintptr) {
	_ = syscall.SetHandleInformation(syscall.Handle(h), syscall.HANDLE_FLAG_INHERIT, 0) // children inherit only what is listed anyway
}
