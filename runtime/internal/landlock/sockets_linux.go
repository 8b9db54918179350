package landlock

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Landlock sees TCP, and what connects by a call of connect. A filter of system calls
// (seccomp) keeps away what would go around it: every other kind of socket, among them
// multipath TCP, which any TCP server understands; data that is sent with the
// connection (TCP Fast Open); and io_uring, which makes sockets without a system call.

// numbers are those of an architecture: from linux/audit.h and asm/unistd.h.
type numbers struct{ arch, socket, sendto, sendmsg, sendmmsg uint32 }

var architectures = map[string]numbers{
	"amd64":   {0xc000003e, 41, 44, 46, 307},
	"arm64":   {0xc00000b7, 198, 206, 211, 269},
	"loong64": {0xc0000102, 198, 206, 211, 269},
	"riscv64": {0xc00000f3, 198, 206, 211, 269},
}

// instruction is struct sock_filter of linux/filter.h: jumps go over jt or jf instructions.
type instruction struct {
	code   uint16
	jt, jf uint8
	k      uint32
}

const (
	load    = 0x20 // of linux/bpf_common.h: BPF_LD|BPF_W|BPF_ABS
	and     = 0x54
	ifEqual = 0x15
	ifAbove = 0x35 // or equal
	ifBits  = 0x45
	ret     = 0x06

	allow = 0x7fff0000                          // SECCOMP_RET_ALLOW, of linux/seccomp.h
	deny  = 0x00050000 | uint32(syscall.EACCES) // SECCOMP_RET_ERRNO

	// struct seccomp_data
	number       = 0
	architecture = 4

	ioUringSetup = 425
	x32          = 0x40000000 // of the numbers of another set of system calls on amd64
	msgFastOpen  = 0x20000000
	typeMask     = 0xf // without SOCK_CLOEXEC and SOCK_NONBLOCK

	prSetSeccomp  = 22
	seccompFilter = 2
)

// argument is where the low half of one is.
func argument(i uint32) uint32 { return 16 + 8*i }

// socketFilter allows sockets of TCP, and Unix sockets if unix says so.
func socketFilter(unix bool) ([]instruction, error) {
	n, ok := architectures[runtime.GOARCH]
	if !ok {
		return nil, fmt.Errorf("sockets cannot be limited on %s: %w", runtime.GOARCH, errors.ErrUnsupported)
	}
	unixSockets := deny
	if unix {
		unixSockets = allow
	}
	f := []instruction{
		{load, 0, 0, architecture}, {ifEqual, 1, 0, n.arch}, {ret, 0, 0, deny},
		{load, 0, 0, number}, {ifAbove, 0, 1, x32}, {ret, 0, 0, deny},
		{ifEqual, 0, 1, ioUringSetup}, {ret, 0, 0, deny},
	}
	for _, send := range []struct{ number, flags uint32 }{{n.sendto, 3}, {n.sendmsg, 2}, {n.sendmmsg, 3}} {
		f = append(f, []instruction{
			{ifEqual, 0, 4, send.number},
			{load, 0, 0, argument(send.flags)}, {ifBits, 0, 1, msgFastOpen}, {ret, 0, 0, deny}, {ret, 0, 0, allow},
		}...)
	}
	return append(f, []instruction{
		{ifEqual, 1, 0, n.socket}, {ret, 0, 0, allow},
		{load, 0, 0, argument(0)},
		{ifEqual, 0, 1, syscall.AF_UNIX}, {ret, 0, 0, unixSockets},
		{ifEqual, 2, 0, syscall.AF_INET}, {ifEqual, 1, 0, syscall.AF_INET6}, {ret, 0, 0, deny},
		{load, 0, 0, argument(1)}, {and, 0, 0, typeMask}, {ifEqual, 1, 0, syscall.SOCK_STREAM}, {ret, 0, 0, deny},
		{load, 0, 0, argument(2)}, {ifEqual, 2, 0, 0}, {ifEqual, 1, 0, syscall.IPPROTO_TCP}, {ret, 0, 0, deny},
		{ret, 0, 0, allow},
	}...), nil
}

// limitSockets puts the calling thread behind a filter.
func limitSockets(f []instruction) error {
	program := struct {
		length uint16
		filter *instruction
	}{uint16(len(f)), &f[0]}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetSeccomp, seccompFilter, uintptr(unsafe.Pointer(&program)), 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("prctl PR_SET_SECCOMP", errno)
	}
	return nil
}
