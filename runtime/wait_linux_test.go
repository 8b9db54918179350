package pingo_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// What a plugin does to its place among the processes does not keep its host from seeing its
// end, and leaves nothing there.

// endsInTime requires that a plugin that has done what a method does is stopped, and another one that
// exits is seen to, with nothing left of either.
func endsInTime(t *testing.T, name string, change func(*pingo.Config), method string, arg any) {
	for _, exits := range []bool{false, true} {
		t.Run(map[bool]string{false: "stopped", true: "exits"}[exits], func(t *testing.T) {
			stoppedWith(t, name, change, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
				p.Start()
				err := p.Call(method, arg, nil)
				if err != nil && strings.Contains(err.Error(), syscall.EPERM.Error()) {
					p.Stop()
					t.Skip("this system lets no process do that: ", err)
				}
				require.NoError(t, err)
				require.NoError(t, p.Call("Lab.Echo", "x", nil), "it is not stopped by a signal")
				if exits {
					var crash *pingo.CrashError
					require.ErrorAs(t, p.Call("Lab.Exit", 7, nil), &crash)
					require.Equal(t, 7, crash.ExitCode)
				} else {
					within(t, "Stop", p.Stop)
				}
				_, errs, _ := rec.snapshot()
				for _, err := range errs {
					require.NotContains(t, err.Error(), "does not end")
				}
			})
		})
	}
}

func unchanged(*pingo.Config) {}

// A plugin that has itself traced by its host stops for each signal, and leaves threads behind
// that its host has to wait for.
func TestPluginThatIsTracedByItsHost(t *testing.T) {
	endsInTime(t, "lab", unchanged, "Lab.TraceMe", 0)
}

func TestPluginThatIsTracedByItsHostFromItsStart(t *testing.T) {
	endsInTime(t, "traced lab", unchanged, "Lab.Echo", "x")
}

// The thread that starts a sandbox does not stay, and the main thread traces what is in there. If that does not happen
// to be the one that waits, the plugin is killed.
func TestSandboxedPluginThatIsTracedByItsHost(t *testing.T) {
	needsLandlock(t)
	for name, method := range map[string]string{"lab": "Lab.TraceMe", "traced lab": "Lab.Pid"} {
		t.Run(name, func(t *testing.T) {
			stoppedWith(t, name, func(cfg *pingo.Config) { cfg.Sandbox = &pingo.Sandbox{Execute: libraries()} }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
				p.Start()
				if err := p.Call(method, 0, nil); err != nil {
					var crash *pingo.CrashError
					require.ErrorAs(t, err, &crash)
					require.Equal(t, syscall.SIGKILL, crash.Signal)
				}
				within(t, "Stop", p.Stop)
			})
		})
	}
}

// A process that another one traces is only seen to end when that has ended as well, which its host
// sees to once the connection has gone.
func TestPluginThatIsTracedByItsChild(t *testing.T) {
	program(t, "seizer")
	endsInTime(t, "lab", unchanged, "Lab.Seized", false)
}

func TestPluginThatIsTracedByWhoLeftItsGroup(t *testing.T) {
	program(t, "seizer")
	dir := cgroups(t)
	endsInTime(t, "lab", func(cfg *pingo.Config) { cfg.Limits.Cgroup = dir }, "Lab.Seized", true)
}

// Children that a plugin gives its host are waited for, and end with the plugin.
func TestPluginThatGivesItsHostChildren(t *testing.T) {
	for _, child := range []string{"exits", "stays", "leaves"} {
		t.Run(child, func(t *testing.T) { endsInTime(t, "lab", unchanged, "Lab.GiveChildren", child) })
	}
}

const prSetPtracer = 0x59616d61

// TraceMe has a thread of this process traced by its host, and stopped by a signal. It is not the main thread.
func (*Lab) TraceMe(_ int, _ *int) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // until its end
		if syscall.Gettid() == os.Getpid() {
			go func() {
				runtime.LockOSThread()
				result <- traceMe()
				select {}
			}()
			select {}
		}
		result <- traceMe()
		select {}
	}()
	return <-result
}

func traceMe() error {
	_, _, errno := syscall.RawSyscall(syscall.SYS_PTRACE, syscall.PTRACE_TRACEME, 0, 0)
	if errno == 0 {
		_, _, errno = syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(syscall.Gettid()), uintptr(syscall.SIGWINCH))
	}
	return asError(errno)
}

// It is a lab whose main thread is traced by its host.
var _ = helper("traced lab", func() {
	if err := traceMe(); err != nil {
		fail(err)
	}
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

func init() {
	if len(os.Args) > 1 && os.Args[1] == helperPrefix+"traced lab" {
		runtime.LockOSThread() // the main function is called on the main thread then
	}
}

func asError(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}

// Seized has this process traced by a child, which may leave the group.
func (*Lab) Seized(leaves bool, _ *int) error {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, prSetPtracer, ^uintptr(0), 0, 0, 0, 0)
	cmd := exec.Command(os.Args[0], helperPrefix+"seizer", strconv.Itoa(os.Getpid()))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: leaves}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var errno syscall.Errno
	if _, err := fmt.Fscan(out, (*uintptr)(&errno)); err != nil {
		return err
	}
	return asError(errno)
}

// The seizer traces a process, lets it go on after each signal, and does not wait for its end.
var _ = helper("seizer", func() {
	const (
		ptraceSeize = 0x4206
		ofProcess   = 1 // P_PID
		status      = 6 // of a siginfo's numbers, where that of a child is on 64 bits
	)
	runtime.LockOSThread()
	pid, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fail(err)
	}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PTRACE, ptraceSeize, uintptr(pid), 0, 0, 0, 0)
	fmt.Println(uintptr(errno))
	_ = os.Stdout.Close()
	var info [32]int32
	for errno == 0 || errno == syscall.EINTR {
		_, _, errno = syscall.Syscall6(syscall.SYS_WAITID, ofProcess, uintptr(pid), uintptr(unsafe.Pointer(&info)), syscall.WSTOPPED|syscall.WALL, 0, 0)
		if errno == 0 {
			_ = syscall.PtraceCont(pid, int(info[status]&0x7f)) // fails if it was killed meanwhile
		}
	}
	for {
		_ = syscall.Pause()
	}
})

// GiveChildren makes processes whose parent is the host.
func (*Lab) GiveChildren(kind string, _ *int) error {
	for range 3 {
		if errno := giveChild(kind == "exits", kind == "leaves"); errno != 0 {
			return errno
		}
	}
	return nil
}

// giveChild forks. There are no other threads in the child, which therefore only makes system calls.
//
//go:norace
func giveChild(exits, leaves bool) syscall.Errno {
	pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, syscall.CLONE_PARENT|uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return errno
	}
	if leaves {
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETSID, 0, 0, 0)
	}
	for !exits {
		_, _, _ = syscall.RawSyscall6(syscall.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
	}
	for {
		_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
	}
}
