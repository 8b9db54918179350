package conn

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a huge page where usual ones have 4 KiB. Where they have more, it is larger, and nothing happens.
const hugePage = 2 << 20

// preferHugePages has the system make memory that is not used yet of huge pages. It would come in
// pages of 4 KiB otherwise, each of which stops who writes to it first: that takes as long as filling it does, and
// twenty times as long in some virtual machines.
//
// The huge pages at both ends reach beyond b. What is there is the heap, too: pages that are made already stay
// as they are, and others are those that the next buffers will be in.
//
// It is advice, which does nothing where huge pages are turned off or none is free.
func preferHugePages(b []byte) {
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	end := (begin + uintptr(len(b)) + hugePage - 1) &^ (hugePage - 1)
	begin &^= hugePage - 1
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, begin, end-begin, syscall.MADV_HUGEPAGE)
}
