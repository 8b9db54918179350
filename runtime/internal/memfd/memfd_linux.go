// Package memfd makes files in memory that have no name.
package memfd

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"unsafe"
)

// Kind is what a file is for.
type Kind uintptr

// From linux/memfd.h. Systems older than Linux 6.3 know neither, and all their files can be executed.
const (
	Data       Kind = 0x8  // MFD_NOEXEC_SEAL
	Executable Kind = 0x10 // MFD_EXEC
)

// Seal is what can no longer be done to a file, whoever gets hold of it.
type Seal uintptr

// From linux/fcntl.h.
const (
	Sealed   Seal = 0x1 // to add seals
	NoShrink Seal = 0x2
	NoGrow   Seal = 0x4
	NoWrite  Seal = 0x8
)

const (
	mfdCloexec      = 0x1
	mfdAllowSealing = 0x2

	fAddSeals = 1024 + 9
	fGetSeals = 1024 + 10
)

// New makes an empty file. The error is errors.ErrUnsupported where there are none of its kind.
func New(name string, kind Kind) (*os.File, error) {
	if sysMemfdCreate == 0 {
		return nil, fmt.Errorf("memfd_create: %w", errors.ErrUnsupported)
	}
	p, err := syscall.BytePtrFromString(strings.ToValidUTF8(name[:min(len(name), 200)], ""))
	if err != nil {
		return nil, err
	}
	fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(p)), mfdCloexec|mfdAllowSealing|uintptr(kind), 0)
	if errno == syscall.EINVAL {
		fd, _, errno = syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(p)), mfdCloexec|mfdAllowSealing, 0)
	}
	switch errno {
	case 0:
		return os.NewFile(fd, name), nil
	case syscall.ENOSYS, syscall.EPERM, syscall.EACCES: // the last two by a filter, or by sysctl
		return nil, fmt.Errorf("%w: %w", errors.ErrUnsupported, os.NewSyscallError("memfd_create", errno))
	}
	return nil, os.NewSyscallError("memfd_create", errno)
}

// AddSeals seals f for ever.
func AddSeals(f *os.File, seals Seal) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), fAddSeals, uintptr(seals)); errno != 0 {
		return os.NewSyscallError("fcntl F_ADD_SEALS", errno)
	}
	return nil
}

// Seals returns the seals of f.
func Seals(f *os.File) (Seal, error) {
	seals, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), fGetSeals, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("fcntl F_GET_SEALS", errno)
	}
	return Seal(seals), nil
}
