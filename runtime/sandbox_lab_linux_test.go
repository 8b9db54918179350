package pingo_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// What a plugin in a sandbox tries.

func (*Lab) ReadFile(path string, _ *int) error { _, err := os.ReadFile(path); return err }

func (*Lab) List(dir string, _ *int) error { _, err := os.ReadDir(dir); return err }

func (*Lab) WriteFile(path string, _ *int) error { return os.WriteFile(path, []byte("y"), 0o600) }

func (*Lab) Truncate(path string, _ *int) error { return os.Truncate(path, 0) }

func (*Lab) MakeAndRemove(dir string, _ *int) error {
	made, err := os.MkdirTemp(dir, "made-")
	if err != nil {
		return err
	}
	from, to := filepath.Join(made, "file"), filepath.Join(dir, "moved")
	for _, step := range []func() error{
		func() error { return os.WriteFile(from, nil, 0o600) },
		func() error { return os.Rename(from, to) },
		func() error { return os.Remove(to) },
		func() error { return os.Remove(made) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (*Lab) Execute(path string, _ *int) error {
	cmd := exec.Command(path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr // /dev/null need not be there
	return cmd.Run()
}

func (*Lab) Connect(address string, _ *int) error { return closed(net.Dial("tcp", address)) }

func (*Lab) ConnectUnix(address string, _ *int) error { return closed(net.Dial("unix", address)) }

func (*Lab) Listen(address string, _ *int) error { return closed(net.Listen("tcp", address)) }

// closed closes what was opened.
func closed[C interface{ Close() error }](c C, err error) error {
	if err != nil {
		return err
	}
	return c.Close()
}

func (*Lab) Socket(kind []int, _ *int) error {
	fd, err := syscall.Socket(kind[0], kind[1], kind[2])
	if err != nil {
		return err
	}
	return syscall.Close(fd)
}

// FastOpen connects to a port by sending.
func (*Lab) FastOpen(port []int, _ *int) error {
	const msgFastOpen = 0x20000000
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	return syscall.Sendto(fd, []byte("x"), msgFastOpen, &syscall.SockaddrInet4{Port: port[0], Addr: [4]byte{127, 0, 0, 1}})
}

// IOUring makes one with invalid parameters.
func (*Lab) IOUring(_ int, _ *int) error {
	const ioUringSetup = 425
	_, _, errno := syscall.Syscall(ioUringSetup, 0, 0, 0)
	return errno
}

func (*Lab) Go(a Aims, _ *int) error { return ways[a.Way](a) }

// ways are what the system has for processes beside what Landlock sees. Who can, changes nothing.
var ways = map[string]func(a Aims) error{
	"limits of the host": func(a Aims) error {
		var l syscall.Rlimit
		err := call(syscall.SYS_PRLIMIT64, uintptr(a.Host), syscall.RLIMIT_NOFILE, 0, uintptr(unsafe.Pointer(&l)))
		if err == nil {
			err = call(syscall.SYS_PRLIMIT64, uintptr(a.Host), syscall.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&l)), 0)
		}
		return err
	},
	"processors of the host": func(a Aims) error {
		var set [128]uint64
		n, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, uintptr(a.Host), unsafe.Sizeof(set), uintptr(unsafe.Pointer(&set)))
		if errno != 0 {
			return errno
		}
		return call(syscall.SYS_SCHED_SETAFFINITY, uintptr(a.Host), n, uintptr(unsafe.Pointer(&set)))
	},
	"priority of the host": func(a Aims) error {
		n, err := syscall.Getpriority(syscall.PRIO_PROCESS, a.Host)
		if err != nil {
			return err
		}
		return syscall.Setpriority(syscall.PRIO_PROCESS, a.Host, 20-n)
	},
	"priority of the host's files": func(a Aims) error {
		n, _, errno := syscall.RawSyscall(syscall.SYS_IOPRIO_GET, 1, uintptr(a.Host), 0)
		if errno != 0 {
			return errno
		}
		return call(syscall.SYS_IOPRIO_SET, 1, uintptr(a.Host), n)
	},
	"scheduler of the host": func(a Aims) error {
		var parameters int32
		return call(syscall.SYS_SCHED_SETSCHEDULER, uintptr(a.Host), 0, uintptr(unsafe.Pointer(&parameters)))
	},
	"shared memory": func(Aims) error { return remove(syscall.SYS_SHMGET, syscall.SYS_SHMCTL, 4096, 0) },
	"messages":      func(Aims) error { return remove(syscall.SYS_MSGGET, syscall.SYS_MSGCTL, 0, 0) },
	"semaphores":    func(Aims) error { return remove(syscall.SYS_SEMGET, syscall.SYS_SEMCTL, 1, 0) },
	"keys": func(Aims) error {
		const ofUser = -4
		return call(syscall.SYS_KEYCTL, 0, uintptr(ofUser&(1<<32-1)), 1) // KEYCTL_GET_KEYRING_ID
	},
	"datagrams of a pair": func(a Aims) error {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fds[0])
		defer syscall.Close(fds[1])
		return syscall.Sendto(fds[0], []byte("x"), 0, &syscall.SockaddrUnix{Name: a.Socket})
	},
	"a port that the system chooses": func(Aims) error {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("no socket: %v", err)
		}
		defer syscall.Close(fd)
		return syscall.Listen(fd, 1)
	},
	"children for the host": func(Aims) error {
		if errno := giveChild(true, false); errno != 0 {
			return errno
		}
		return nil
	},
	"mode":       func(a Aims) error { return os.Chmod(a.File, 0o600) },
	"owner":      func(a Aims) error { return os.Lchown(a.File, os.Getuid(), os.Getgid()) },
	"times":      func(a Aims) error { return os.Chtimes(a.File, time.Now(), time.Now()) },
	"attributes": func(a Aims) error { return syscall.Setxattr(a.File, "user.pingo", []byte("x"), 0) },
	"open for neither reading nor writing": func(a Aims) error {
		fd, err := syscall.Open(a.File, syscall.O_ACCMODE|syscall.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		return syscall.Fchmod(fd, 0o600)
	},
	"news of a directory": func(a Aims) error {
		fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
		_, err = syscall.InotifyAddWatch(fd, filepath.Dir(a.File), syscall.IN_CREATE)
		return err
	},
	"memory of the host": func(a Aims) error { // none of it
		_, _, errno := syscall.RawSyscall6(processVMReadv, uintptr(a.Host), 0, 0, 0, 0, 0)
		return asError(errno)
	},
}

// processVMReadv is of this architecture.
var processVMReadv = map[string]uintptr{"amd64": 310, "arm64": 270}[runtime.GOARCH]

func call(number uintptr, args ...uintptr) error {
	args = append(args, 0, 0, 0)
	_, _, errno := syscall.RawSyscall6(number, args[0], args[1], args[2], args[3], 0, 0)
	return asError(errno)
}

// remove makes something that has no name, and removes it.
func remove(get, control, size, flags uintptr) error {
	id, _, errno := syscall.RawSyscall(get, 0, size, flags)
	if errno != 0 {
		return errno
	}
	if control == syscall.SYS_SEMCTL {
		return call(control, id, 0, 0)
	}
	return call(control, id, 0)
}

// ChangeItself does what a process may do to itself.
func (*Lab) ChangeItself(_ int, _ *int) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	l.Cur--
	return errors.Join(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l), syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19))
}

// ChangeOpen changes an open file.
func (*Lab) ChangeOpen(path string, _ *int) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o640), call(sysUtimensat, f.Fd(), 0, 0), f.Close())
}

var sysUtimensat = map[string]uintptr{"amd64": 280, "arm64": 88}[runtime.GOARCH]

func (*Lab) Signal(pid int, _ *int) error { return syscall.Kill(pid, 0) }

// SignalThread signals the thread that has a directory in /proc.
func (*Lab) SignalThread(dir string, _ *int) error {
	var tid uintptr
	if _, err := fmt.Sscan(filepath.Base(dir), &tid); err != nil {
		return err
	}
	return call(syscall.SYS_TKILL, tid, 0)
}

func (*Lab) MaxFiles(_ int, r *string) error {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	*r = fmt.Sprint(l.Max)
	return err
}

// deathSignal is what this process gets when the thread that started it ends. It is known to
// the main thread alone, on which variables are initialized.
var deathSignal = func() (signal int32) {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&signal)), 0)
	return signal
}()

func (*Lab) ParentDeathSignal(_ int, r *int) error { *r = int(deathSignal); return nil }
