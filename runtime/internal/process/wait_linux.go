package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// From linux/wait.h.
const (
	idAll   = 0
	idPid   = 1
	idGroup = 2

	waitStopped = 2
	waitExited  = 4
	waitNoHang  = 1
	waitNoReap  = 0x1000000                        // WNOWAIT
	waitOwn     = syscall.WALL | syscall.WNOTHREAD // whatever the calling thread has started or traces

	codeTrapped = 4 // CLD_TRAPPED, of asm-generic/siginfo.h
)

// siginfo is what waitid tells, and at least as long as that of the system.
type siginfo struct {
	signal, errno, code int32
	child               struct {
		pid, uid, status int32
		_                [29]uintptr
	}
}

// waitID returns what has become of which process. Without one, it returns a zero siginfo if
// the options say that it is not to be waited for.
func waitID(kind, id, options int) (info siginfo, _ error) {
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, uintptr(kind), uintptr(id), uintptr(unsafe.Pointer(&info)), uintptr(options), 0, 0)
		switch errno {
		case 0:
			return info, nil
		case syscall.EINTR:
		default:
			return siginfo{}, os.NewSyscallError("waitid", errno)
		}
	}
}

// threadIsFree tells whether what the calling thread will have to wait for is only what it starts from now on. The
// main thread never is: it does not end with its goroutine, the system shows by it what this program is, and
// it inherits the children of threads that end.
func threadIsFree() bool {
	_, err := waitID(idAll, 0, waitStopped|waitExited|waitNoHang|waitNoReap|waitOwn)
	return errors.Is(err, syscall.ECHILD) && syscall.Gettid() != os.Getpid()
}

// reap waits for a process, calls end while its number is still its own, and then lets go of it.
// Own tells whether the calling thread has started it, and nothing else.
func reap(cmd *exec.Cmd, own bool, end func()) {
	awaitExit(cmd.Process.Pid, own)
	end()
	_ = cmd.Wait() // the state tells more than the error
	if own {
		endOthers(time.Second)
	}
}

// awaitExit returns when a process has ended, and leaves it to be reaped. The process can make the
// thread that has started it responsible for more: it can be traced by it, all of it or some of its threads
// (PTRACE_TRACEME), and give it children (CLONE_PARENT). Who is traced stops at each
// signal, and a thread that is traced has to be reaped before its process can be.
//
// When that thread has ended, the main thread takes its place. Then the group is what is
// waited for.
func awaitExit(pid int, own bool) {
	kind, id, options := idAll, 0, waitExited|waitNoReap|waitOwn
	if !own {
		kind, id, options = idGroup, pid, waitExited|waitNoReap|syscall.WALL
	}
	for {
		info, err := waitID(kind, id, options)
		switch who := int(info.child.pid); {
		case err != nil:
			return // somebody else has reaped it
		case info.code == codeTrapped:
			letGo(who, syscall.Signal(info.child.status&0x7f))
		case who == pid:
			return
		default:
			_, _ = waitID(idPid, who, waitExited|syscall.WALL) // how it has ended is nobody's concern
		}
	}
}

// letGo ends the tracing of a thread that has stopped for a signal, which it then gets. If another thread
// traces it, that cannot be done, and the process is killed.
func letGo(tid int, signal syscall.Signal) {
	if detach(tid, signal) != nil {
		_ = syscall.Kill(tid, syscall.SIGKILL)
	}
}

func detach(tid int, signal syscall.Signal) error {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PTRACE, syscall.PTRACE_DETACH, uintptr(tid), 0, uintptr(signal), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// endOthers ends the children that the calling thread still has: a process gave them to it that has ended.
func endOthers(atMost time.Duration) {
	thread := syscall.Gettid()
	for end := time.Now().Add(atMost); time.Now().Before(end); {
		info, err := waitID(idAll, 0, waitExited|waitNoHang|waitOwn)
		if err != nil {
			return // there are none
		}
		if info.child.pid == 0 {
			_ = outside(func() error { return killChildren(thread) }) // without /proc, they live on
			time.Sleep(time.Millisecond)
		}
	}
}

// killChildren kills those of a thread of this process, which does not wait for them meanwhile.
func killChildren(thread int) error {
	list, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", thread))
	for field := range strings.FieldsSeq(string(list)) {
		var pid int
		if _, err := fmt.Sscan(field, &pid); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return err
}

// outside calls f on another thread than the calling one, which may be in a sandbox.
func outside(f func() error) error {
	done := make(chan error)
	go func() { done <- f() }()
	return <-done
}
