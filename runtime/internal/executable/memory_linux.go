package executable

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unsafe"
)

// From linux/memfd.h and linux/fcntl.h.
const (
	mfdCloexec      = 0x1
	mfdAllowSealing = 0x2
	mfdExec         = 0x10 // since Linux 6.3; before, all are executable

	fAddSeals = 1024 + 9
	seals     = 0x1 | 0x2 | 0x4 | 0x8 // F_SEAL_SEAL, SHRINK, GROW and WRITE: for ever
)

// inMemory copies an executable to a file in memory that has no name, and seals it:
// from then on nobody can write to it, whoever gets hold of it, not even this process.
//
// A script has to be opened by its interpreter, by name, and goes to a directory.
func inMemory(source *os.File, size int64) (*Copy, error) {
	if isScript(source) {
		return nil, fmt.Errorf("script in memory: %w", errors.ErrUnsupported)
	}
	f, err := newMemory("pingo:" + filepath.Base(source.Name()))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := copyTo(f, source, size); err != nil {
		return nil, err
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), fAddSeals, seals); errno != 0 {
		return nil, os.NewSyscallError("fcntl F_ADD_SEALS", errno)
	}
	image, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd())) // what is open for writing may not be executed
	if err != nil {
		return nil, fmt.Errorf("%w: /proc is needed to execute a file that has no name: %w", errors.ErrUnsupported, err)
	}
	return &Copy{Image: image}, nil
}

func isScript(f *os.File) bool {
	var start [2]byte
	n, _ := f.ReadAt(start[:], 0) // what cannot be read will be told when it is copied
	return bytes.Equal(start[:n], []byte("#!"))
}

// newMemory makes a file in memory. Systems that do not let such files be executed do
// not have them.
func newMemory(name string) (*os.File, error) {
	if sysMemfdCreate == 0 {
		return nil, fmt.Errorf("memfd_create: %w", errors.ErrUnsupported)
	}
	p, err := syscall.BytePtrFromString(strings.ToValidUTF8(name[:min(len(name), 200)], ""))
	if err != nil {
		return nil, err
	}
	fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(p)), mfdCloexec|mfdAllowSealing|mfdExec, 0)
	if errno == syscall.EINVAL {
		fd, _, errno = syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(p)), mfdCloexec|mfdAllowSealing, 0)
	}
	if errno != 0 {
		return nil, fmt.Errorf("%w: %w", errors.ErrUnsupported, os.NewSyscallError("memfd_create", errno))
	}
	return os.NewFile(fd, name), nil
}
