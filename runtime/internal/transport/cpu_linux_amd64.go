//go:build !pingo_netpoll

package transport

import (
	"syscall"
	"unsafe"
)

func lsl() uint64

// lslWorks is found out once, against the system call. Whoever locks a thread for that has Go's runtime start another
// one, in each program that imports this.
var lslWorks = func() bool {
	for range 10 { // in between, the caller may move
		var cpu uint32
		if _, _, errno := syscall.RawSyscall(309 /* getcpu */, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
			return false
		}
		if uint32(lsl())&0xfff == cpu {
			return true
		}
	}
	return false
}()

// CPU is the number of the processor that the caller runs on plus one, or 0 where
// it is not known. It may be another one at any moment. It is asked for with every
// call, and a system call would be a tenth of that.
func CPU() uint16 {
	if !lslWorks {
		return 0
	}
	return uint16(lsl()&0xfff) + 1
}
