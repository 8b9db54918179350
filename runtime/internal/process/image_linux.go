package process

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// executeFile makes cmd execute a file without a name, by its descriptor, and returns
// a copy of that which is to be kept until cmd was started. In the child it must not be
// in the way of those that the child inherits: they are moved to their places
// by numbers that follow the greatest in the list.
func executeFile(cmd *exec.Cmd, image *os.File) (*os.File, error) {
	top := uintptr(3 + len(cmd.ExtraFiles))
	for _, r := range []any{cmd.Stdin, cmd.Stdout, cmd.Stderr} {
		top = max(top, r.(*os.File).Fd())
	}
	for _, f := range cmd.ExtraFiles {
		if f != nil {
			top = max(top, f.Fd())
		}
	}
	const others = 8 // more than what fork and exec need themselves
	above := top + uintptr(len(cmd.ExtraFiles)) + others
	fd, _, errno := syscall.Syscall(syscall.SYS_FCNTL, image.Fd(), syscall.F_DUPFD_CLOEXEC, above)
	if errno != 0 {
		return nil, os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", errno)
	}
	cmd.Path = fmt.Sprintf("/proc/self/fd/%d", fd)
	return os.NewFile(fd, cmd.Path), nil
}
