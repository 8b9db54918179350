//go:build (arm64 || riscv64 || loong64) && !pingo_netpoll

package transport

import (
	"syscall"
	"unsafe"
)

// CPU is the number of the processor that the caller runs on plus one, or 0 where
// it is not known. It may be another one at any moment.
func CPU() uint16 {
	var cpu uint32
	if _, _, errno := syscall.RawSyscall(syscall.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 || cpu >= 1<<16-1 {
		return 0
	}
	return uint16(cpu) + 1
}
