//go:build amd64 || arm64 || loong64 || riscv64

package landlock

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const any64 = ^uintptr(0) // no address, no descriptor, no process

// restricted calls f on a thread of its own that is restricted.
func restricted(t *testing.T, unix bool, allow func(*Ruleset), f func()) {
	t.Helper()
	r, err := New(unix)
	if err != nil {
		t.Skip(err)
	}
	defer r.Close()
	allow(r)
	done := make(chan error)
	go onThread(func() {
		err := r.RestrictThread()
		if err == nil {
			f()
		}
		done <- err
	})
	require.NoError(t, <-done)
}

// onThread calls f on a thread that ends with the goroutine, which the main thread does not.
func onThread(f func()) {
	runtime.LockOSThread()
	if syscall.Gettid() != os.Getpid() {
		f()
		return
	}
	defer runtime.UnlockOSThread()
	over := make(chan bool)
	go func() {
		defer close(over)
		onThread(f)
	}()
	<-over
}

func nothing(*Ruleset) {}

func TestNeverAllowed(t *testing.T) {
	got := map[int]error{}
	restricted(t, true, nothing, func() {
		for _, c := range never {
			if n := c.number(); n != none {
				_, _, errno := syscall.RawSyscall6(uintptr(n), any64, any64, any64, any64, any64, any64)
				got[n] = errno
			}
		}
	})
	for number, err := range got {
		require.Equal(t, syscall.EACCES, err, "call %d", number)
	}
	require.Greater(t, len(got), 60)
}

// What calls do depends on their arguments. Where these are allowed, the kernel finds another fault with them.
func TestAllowedByArguments(t *testing.T) {
	const setpriority, unshare, socketpair = syscall.SYS_SETPRIORITY, syscall.SYS_UNSHARE, syscall.SYS_SOCKETPAIR
	others := uintptr(os.Getppid())
	clone3, openat2 := uintptr(435), uintptr(437)
	numbers := map[string]call{"sched_setattr": {314, 274}, "utimensat": {280, 88}}
	type attempt struct {
		number uintptr
		args   [4]uintptr
		want   syscall.Errno
	}
	attempts := []attempt{
		{clone3, [4]uintptr{any64, any64}, syscall.ENOSYS},
		{openat2, [4]uintptr{any64, any64, any64, any64}, syscall.ENOSYS},
		{syscall.SYS_OPENAT, [4]uintptr{any64, any64, syscall.O_ACCMODE | syscall.O_CLOEXEC}, syscall.EACCES},
		{syscall.SYS_OPENAT, [4]uintptr{any64, any64, syscall.O_RDWR | syscall.O_CLOEXEC}, syscall.EFAULT},
		{syscall.SYS_CLONE, [4]uintptr{syscall.CLONE_PARENT | uintptr(syscall.SIGCHLD)}, syscall.EACCES},
		{syscall.SYS_CLONE, [4]uintptr{syscall.CLONE_NEWUSER | uintptr(syscall.SIGCHLD)}, syscall.EACCES},
		{unshare, [4]uintptr{syscall.CLONE_NEWUSER}, syscall.EACCES},
		{unshare, [4]uintptr{syscall.CLONE_FILES}, 0},
		{syscall.SYS_PRLIMIT64, [4]uintptr{others, syscall.RLIMIT_NOFILE}, syscall.EACCES},
		{syscall.SYS_PRLIMIT64, [4]uintptr{0, syscall.RLIMIT_NOFILE}, 0},
		{syscall.SYS_SCHED_SETAFFINITY, [4]uintptr{others, 8, any64}, syscall.EACCES},
		{syscall.SYS_SCHED_SETAFFINITY, [4]uintptr{0, 8, any64}, syscall.EFAULT},
		{syscall.SYS_SCHED_SETPARAM, [4]uintptr{others, any64}, syscall.EACCES},
		{syscall.SYS_SCHED_SETPARAM, [4]uintptr{0, any64}, syscall.EFAULT},
		{syscall.SYS_SCHED_SETSCHEDULER, [4]uintptr{others, 0, any64}, syscall.EACCES},
		{syscall.SYS_SCHED_SETSCHEDULER, [4]uintptr{0, 0, any64}, syscall.EFAULT},
		{uintptr(numbers["sched_setattr"].number()), [4]uintptr{others, any64}, syscall.EACCES},
		{uintptr(numbers["sched_setattr"].number()), [4]uintptr{0, any64}, syscall.EFAULT},
		{setpriority, [4]uintptr{syscall.PRIO_PROCESS, others, 19}, syscall.EACCES},
		{setpriority, [4]uintptr{syscall.PRIO_PGRP, 0, 19}, syscall.EACCES},
		{setpriority, [4]uintptr{syscall.PRIO_USER, 0, 19}, syscall.EACCES},
		{setpriority, [4]uintptr{syscall.PRIO_PROCESS, 0, 19}, 0},
		{syscall.SYS_IOPRIO_SET, [4]uintptr{1, others, 0}, syscall.EACCES},
		{syscall.SYS_IOPRIO_SET, [4]uintptr{2, 0, 0}, syscall.EACCES},
		{syscall.SYS_IOPRIO_SET, [4]uintptr{1, 0, 0}, 0},
		{syscall.SYS_PTRACE, [4]uintptr{syscall.PTRACE_ATTACH, others}, syscall.EACCES},
		{syscall.SYS_PTRACE, [4]uintptr{0x4206, others}, syscall.EACCES}, // PTRACE_SEIZE
		{syscall.SYS_PTRACE, [4]uintptr{syscall.PTRACE_DETACH, others}, syscall.ESRCH},
		{socketpair, [4]uintptr{syscall.AF_UNIX, syscall.SOCK_DGRAM | syscall.SOCK_CLOEXEC, 0, any64}, syscall.EACCES},
		{socketpair, [4]uintptr{syscall.AF_UNIX, syscall.SOCK_RAW, 0, any64}, syscall.EACCES}, // which is a datagram socket
		{socketpair, [4]uintptr{syscall.AF_UNIX, syscall.SOCK_SEQPACKET | syscall.SOCK_NONBLOCK, 0, any64}, syscall.EFAULT},
		{socketpair, [4]uintptr{syscall.AF_UNIX, syscall.SOCK_STREAM, 0, any64}, syscall.EFAULT},
		{syscall.SYS_SETSOCKOPT, [4]uintptr{any64, syscall.IPPROTO_TCP, tcpULP}, syscall.EACCES},
		{syscall.SYS_SETSOCKOPT, [4]uintptr{any64, syscall.IPPROTO_TCP, syscall.TCP_NODELAY}, syscall.EBADF},
		{syscall.SYS_SETSOCKOPT, [4]uintptr{any64, syscall.SOL_SOCKET, tcpULP}, syscall.EBADF},
		{syscall.SYS_FCNTL, [4]uintptr{any64, syscall.F_SETLEASE}, syscall.EACCES},
		{syscall.SYS_FCNTL, [4]uintptr{any64, syscall.F_SETFD}, syscall.EBADF},
		{uintptr(numbers["utimensat"].number()), [4]uintptr{any64, 1}, syscall.EACCES},
		{uintptr(numbers["utimensat"].number()), [4]uintptr{any64, any64 &^ (1<<32 - 1)}, syscall.EACCES},
		{uintptr(numbers["utimensat"].number()), [4]uintptr{any64, 0}, syscall.EBADF},
	}
	if open := (call{2, none}).number(); open != none {
		attempts = append(attempts, attempt{uintptr(open), [4]uintptr{any64, syscall.O_ACCMODE}, syscall.EACCES}, attempt{uintptr(open), [4]uintptr{any64, syscall.O_RDONLY}, syscall.EFAULT})
	}
	got := make([]syscall.Errno, len(attempts))
	restricted(t, false, nothing, func() {
		for i, a := range attempts {
			_, _, got[i] = syscall.RawSyscall6(a.number, a.args[0], a.args[1], a.args[2], a.args[3], 0, 0)
		}
	})
	for i, a := range attempts {
		require.Equal(t, a.want, got[i], "call %d of %v", a.number, a.args)
	}
}

// Of sockets there is what is needed for what is allowed.
func TestSocketsByWhatIsAllowed(t *testing.T) {
	port := map[string]func(*Ruleset){
		"":        nothing,
		"connect": func(r *Ruleset) { require.NoError(t, r.AllowConnect(1)) },
		"bind":    func(r *Ruleset) { require.NoError(t, r.AllowBind(0)) },
	}
	for _, c := range []struct {
		unix   bool
		port   string
		denied string
	}{
		{false, "", "unix, datagram, tcp, udp, mptcp, connect, listen, "},
		{false, "connect", "unix, datagram, udp, mptcp, listen, "},
		{false, "bind", "unix, datagram, udp, mptcp, connect, "},
		{true, "", "datagram, tcp, udp, mptcp, connect, "},
		{true, "connect", "datagram, udp, mptcp, "},
	} {
		denied := ""
		restricted(t, c.unix, port[c.port], func() {
			attempt := func(name string, number uintptr, args ...uintptr) {
				fd, _, errno := syscall.RawSyscall(number, args[0], args[1], args[2])
				if errno == 0 {
					_ = syscall.Close(int(fd))
				} else if errno == syscall.EACCES {
					denied += name + ", "
				}
			}
			attempt("unix", syscall.SYS_SOCKET, syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
			attempt("datagram", syscall.SYS_SOCKET, syscall.AF_UNIX, syscall.SOCK_DGRAM, 0)
			attempt("tcp", syscall.SYS_SOCKET, syscall.AF_INET6, syscall.SOCK_STREAM, syscall.IPPROTO_TCP)
			attempt("udp", syscall.SYS_SOCKET, syscall.AF_INET, syscall.SOCK_DGRAM, 0)
			attempt("mptcp", syscall.SYS_SOCKET, syscall.AF_INET, syscall.SOCK_STREAM, 262)
			attempt("connect", syscall.SYS_CONNECT, any64, 0, 0)
			attempt("listen", syscall.SYS_LISTEN, any64, 0, 0)
		})
		require.Equal(t, c.denied, denied, fmt.Sprint(c))
	}
}
