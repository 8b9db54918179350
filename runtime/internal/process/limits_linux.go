package process

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// From asm-generic/resource.h; package syscall has only some.
const (
	rlimitCPU    = 0
	rlimitData   = 2
	rlimitProc   = 6
	rlimitNoFile = 7
)

// limiter holds a process within its limits.
type limiter struct {
	rlimits   map[int]uint64
	cgroup    *cgroup // nil for none
	sandboxed bool    // the process is stopped until the thread that has started it has ended
}

// newLimiter prepares cmd. With limits of its own the process stops itself when its
// program is loaded and before it has run an instruction: apply sets them then. So
// nothing that the program starts can escape them.
func newLimiter(cmd *exec.Cmd, cfg Config) (*limiter, error) {
	l, as := cfg.Limits, cfg.As
	r := &limiter{rlimits: map[int]uint64{}, sandboxed: cfg.Sandbox != nil}
	if l.CPUTime > 0 {
		r.rlimits[rlimitCPU] = uint64(math.Ceil(l.CPUTime.Seconds()))
	}
	if l.OpenFiles > 0 {
		r.rlimits[rlimitNoFile] = uint64(l.OpenFiles)
	}
	switch {
	case l.Cgroup != "":
		var err error
		if r.cgroup, err = newCgroup(l); err != nil {
			return nil, err
		}
		if !r.sandboxed { // where there is no system call for it
			cmd.SysProcAttr.UseCgroupFD, cmd.SysProcAttr.CgroupFD = true, int(r.cgroup.dir.Fd())
		}
	default:
		if l.Memory > 0 {
			r.rlimits[rlimitData] = uint64(l.Memory)
		}
		if l.Processes > 0 {
			if as == nil || as.User == 0 || int(as.User) == os.Geteuid() {
				return nil, errors.New("Limits.Processes needs Limits.Cgroup, or a Config.User of the plugin's own that is not root: without a control group, the system counts all processes of a user, and root's not at all")
			}
			r.rlimits[rlimitProc] = uint64(l.Processes)
		}
	}
	cmd.SysProcAttr.Ptrace = r.stops()
	return r, nil
}

// stops tells whether the process is to stop before its first instruction.
func (r *limiter) stops() bool { return len(r.rlimits) > 0 || r.sandboxed }

// apply sets the limits of a process that was just started, by this thread, and lets it go on, or
// leaves it to cell.resume.
func (r *limiter) apply(p *os.Process) error {
	if !r.stops() {
		return nil
	}
	if stopped, err := awaitStop(p.Pid); err != nil || !stopped {
		return err
	}
	if err := outside(func() error { return r.set(p.Pid) }); err != nil {
		return err
	}
	signal := syscall.Signal(0)
	if r.sandboxed {
		signal = syscall.SIGSTOP
	}
	return os.NewSyscallError("ptrace", detach(p.Pid, signal))
}

// set sets the limits of a process that has stopped.
func (r *limiter) set(pid int) error {
	if r.sandboxed && r.cgroup != nil {
		if err := r.cgroup.write("cgroup.procs", strconv.Itoa(pid)); err != nil {
			return fmt.Errorf("Limits.Cgroup: %w", err)
		}
	}
	for resource, value := range r.rlimits {
		limit := syscall.Rlimit{Cur: value, Max: value}
		_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), uintptr(resource), uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
		switch {
		case errno == syscall.EPERM:
			return fmt.Errorf("Limits of a process of another user need CAP_SYS_RESOURCE, which containers do not have by default: %w", os.NewSyscallError("prlimit", errno))
		case errno != 0:
			return fmt.Errorf("limit %d of %d: %w", resource, value, os.NewSyscallError("prlimit", errno))
		}
	}
	return nil
}

// awaitStop returns when a traced child has stopped; false if it has ended. Either is left to be
// waited for.
func awaitStop(pid int) (bool, error) {
	info, err := waitID(idPid, pid, waitStopped|waitExited|waitNoReap)
	return info.code == codeTrapped, err
}

// kill ends all that is in the control group.
func (r *limiter) kill() {
	if r.cgroup != nil {
		r.cgroup.kill()
	}
}

// end tells what the process used, when it has ended and nothing is left of its group.
func (r *limiter) end(s *os.ProcessState) (u Use) {
	if s != nil {
		u.CPUTime = s.UserTime() + s.SystemTime()
	}
	if r.cgroup != nil {
		u.OutOf = r.cgroup.outOf()
		r.cgroup.remove(time.Second)
	}
	return u
}

// abandon is for a process that was not started.
func (r *limiter) abandon() {
	if r.cgroup != nil {
		r.cgroup.remove(time.Second)
	}
}
