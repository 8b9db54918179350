package landlock

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// filter is a program that the kernel runs before each system call of a thread (seccomp), and that
// decides by the call's number and arguments, but not by what these point to.
type filter []instruction

// instruction is struct sock_filter of linux/filter.h: jumps go over jt or jf instructions.
type instruction struct {
	code   uint16
	jt, jf uint8
	k      uint32
}

const (
	load    = 0x20 // of linux/bpf_common.h: BPF_LD|BPF_W|BPF_ABS
	and     = 0x54
	jump    = 0x05
	ifEqual = 0x15
	ifAbove = 0x35 // or equal
	ret     = 0x06

	allow = 0x7fff0000 // SECCOMP_RET_ALLOW, of linux/seccomp.h
	deny  = 0x00050000 // SECCOMP_RET_ERRNO, with the error

	// struct seccomp_data
	number       = 0
	architecture = 4

	x32 = 0x40000000 // of the numbers of another set of system calls on amd64

	prSetSeccomp  = 22
	seccompFilter = 2
)

// thisArchitecture is what linux/audit.h calls the one that this program is for; 0 if its numbers are not known. All that are have the
// low half of an argument first.
func thisArchitecture() uint32 {
	switch runtime.GOARCH {
	case "amd64":
		return 0xc000003e
	case "arm64":
		return 0xc00000b7
	case "loong64":
		return 0xc0000102
	case "riscv64":
		return 0xc00000f3
	}
	return 0
}

// filterable tells why the system calls of this architecture cannot be filtered.
func filterable() error {
	if thisArchitecture() == 0 {
		return fmt.Errorf("system calls cannot be limited on %s: %w", runtime.GOARCH, errors.ErrUnsupported)
	}
	return nil
}

// call is a system call by its numbers, or none: on amd64, and on the other architectures, which share theirs.
type call struct{ amd64, others int }

const none = -1

func (c call) number() int {
	if runtime.GOARCH == "amd64" {
		return c.amd64
	}
	return c.others
}

// rule allows a system call if all checks hold of one of some lists. Otherwise it fails.
type rule struct {
	call  call
	errno syscall.Errno
	lists [][]check
}

// check compares half of an argument, or some of its bits, with some values.
type check struct {
	offset uint32 // in struct seccomp_data
	mask   uint32
	values []uint32
	unlike bool // whether it is to be none of them
}

// low and high are where the halves of an argument are.
func low(argument uint32) uint32  { return 16 + 8*argument }
func high(argument uint32) uint32 { return low(argument) + 4 }

const whole = ^uint32(0)

func is(argument uint32, values ...uint32) check { return check{low(argument), whole, values, false} }

func isNot(argument uint32, value uint32) check {
	return check{low(argument), whole, []uint32{value}, true}
}

// has compares the bits of a mask.
func has(argument, mask uint32, values ...uint32) check {
	return check{low(argument), mask, values, false}
}

// isNull checks a pointer.
func isNull(argument uint32) []check {
	return []check{is(argument, 0), {high(argument), whole, []uint32{0}, false}}
}

// newFilter makes a program of rules. Those of frequent calls come first: what does not depend on
// arguments costs nothing, since the kernel remembers it.
func newFilter(rules []rule) filter {
	f := filter{
		{load, 0, 0, architecture}, {ifEqual, 1, 0, thisArchitecture()}, {ret, 0, 0, deny | uint32(syscall.EACCES)},
		{load, 0, 0, number}, {ifAbove, 0, 1, x32}, {ret, 0, 0, deny | uint32(syscall.EACCES)},
	}
	for _, r := range rules {
		if r.call.number() != none {
			f = append(f, r.program()...)
		}
	}
	return append(f, instruction{ret, 0, 0, allow})
}

// program ends with the answer if it is this call, and otherwise at its end.
func (r rule) program() filter {
	var body filter
	for _, list := range r.lists {
		all := filter{{ret, 0, 0, allow}}
		for i := len(list) - 1; i >= 0; i-- {
			all = append(list[i].program(len(all)), all...)
		}
		body = append(body, all...)
	}
	body = append(body, instruction{ret, 0, 0, deny | uint32(r.errno)})
	return append(filter{{ifEqual, 0, uint8(len(body)), uint32(r.call.number())}}, body...)
}

// program ends at its end if the check holds, and otherwise as many instructions behind.
func (c check) program(behind int) filter {
	f := filter{{load, 0, 0, c.offset}, {and, 0, 0, c.mask}}
	for i, v := range c.values {
		f = append(f, instruction{ifEqual, uint8(len(c.values) - i), 0, v})
	}
	if c.unlike {
		f = append(f, instruction{jump, 0, 0, 1})
	}
	return append(f, instruction{jump, 0, 0, uint32(behind)})
}

// limitThread puts the calling thread behind the filter.
func (f filter) limitThread() error {
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
