//go:build unix

package process

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
)

// pass makes the child inherit files and more, in this order from descriptor 3 on,
// and tells the numbers of more there.
//
// Every descriptor that Go opens is closed when a program is executed, but not
// those that this program has inherited itself without knowing, or that C code has opened.
// For them the child's list has gaps, which are closed in the child.
func pass(cmd *exec.Cmd, files, more []*os.File) ([]uintptr, error) {
	cmd.ExtraFiles = slices.Concat(files, more)
	numbers := make([]uintptr, len(more))
	for i := range more {
		numbers[i] = uintptr(3 + len(files) + i)
	}
	for last := lastInheritable(3 + len(cmd.ExtraFiles)); 3+len(cmd.ExtraFiles) <= last; {
		cmd.ExtraFiles = append(cmd.ExtraFiles, nil)
	}
	return numbers, nil
}

// lastInheritable is the greatest descriptor, of those from first on, that a child would inherit.
func lastInheritable(first int) (last int) {
	for fd := range descriptors() {
		if fd < max(first, last) {
			continue
		}
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		if errno == 0 && flags&syscall.FD_CLOEXEC == 0 {
			last = fd
		}
	}
	return last
}

// descriptors are those that this program may have open.
func descriptors() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		names, err := descriptorNames()
		if err != nil {
			for fd := 0; fd < mostDescriptors() && yield(fd); fd++ {
			}
			return
		}
		for _, name := range names {
			if fd, err := strconv.Atoi(name); err == nil && !yield(fd) {
				return
			}
		}
	}
}

func descriptorNames() ([]string, error) {
	dir, err := os.Open("/dev/fd")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}

// mostDescriptors bounds them where they are not listed.
func mostDescriptors() int {
	var limit syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) // cannot fail; if it does, there is nothing better to do
	return int(min(limit.Cur, 1<<16))
}
