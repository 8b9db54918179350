package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

var (
	kernel32                 = syscall.NewLazyDLL("kernel32.dll")
	createJobObject          = kernel32.NewProc("CreateJobObjectW")
	setInformationJobObject  = kernel32.NewProc("SetInformationJobObject")
	assignProcessToJobObject = kernel32.NewProc("AssignProcessToJobObject")
	terminateJobObject       = kernel32.NewProc("TerminateJobObject")
)

const (
	jobObjectExtendedLimitInformation = 9
	jobObjectLimitKillOnJobClose      = 0x2000
	killedStatus                      = 137 // the exit status of what is killed
)

// extendedLimits is JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
type extendedLimits struct {
	perProcessUserTimeLimit, perJobUserTimeLimit int64
	limitFlags                                   uint32
	minimumWorkingSetSize, maximumWorkingSetSize uintptr
	activeProcessLimit                           uint32
	affinity                                     uintptr
	priorityClass, schedulingClass               uint32
	ioCounters                                   [6]uint64
	processMemoryLimit, jobMemoryLimit           uintptr
	peakProcessMemoryUsed, peakJobMemoryUsed     uintptr
}

// group is a job: what is in it ends when the last handle to it is closed, also
// if that is because the host ended.
type group struct{ job syscall.Handle }

func newGroup(*exec.Cmd) (group, error) {
	job, _, err := createJobObject.Call(0, 0)
	if job == 0 {
		return group{}, os.NewSyscallError("CreateJobObject", err)
	}
	limits := extendedLimits{limitFlags: jobObjectLimitKillOnJobClose}
	ok, _, err := setInformationJobObject.Call(job, jobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), unsafe.Sizeof(limits))
	if ok == 0 {
		_ = syscall.CloseHandle(syscall.Handle(job))
		return group{}, os.NewSyscallError("SetInformationJobObject", err)
	}
	return group{job: syscall.Handle(job)}, nil
}

// add takes p into the job; what p starts from then on is in it as well.
func (g group) add(p *os.Process) {
	_ = p.WithHandle(func(h uintptr) { // a process that is gone needs no job
		_, _, _ = assignProcessToJobObject.Call(uintptr(g.job), h)
	})
}

// terminate does nothing: Windows has no request to end.
func (g group) terminate() {}

func (g group) kill() { _, _, _ = terminateJobObject.Call(uintptr(g.job), killedStatus) }

func (g group) close() { _ = syscall.CloseHandle(g.job) }

// pass makes the child inherit files, whose handles have the same numbers there.
func pass(cmd *exec.Cmd, files, more []*os.File) ([]uintptr, error) {
	if len(files) > 0 {
		return nil, fmt.Errorf("files with numbers of their own: %w on Windows", errors.ErrUnsupported)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	numbers := make([]uintptr, len(more))
	for i, f := range more {
		h := syscall.Handle(f.Fd())
		if err := syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT); err != nil {
			return nil, os.NewSyscallError("SetHandleInformation", err)
		}
		cmd.SysProcAttr.AdditionalInheritedHandles = append(cmd.SysProcAttr.AdditionalInheritedHandles, h)
		numbers[i] = uintptr(h)
	}
	return numbers, nil
}

// become does nothing: nobody asks for it here.
func become(*exec.Cmd, Identity) {}

func exitOf(s *os.ProcessState) Exit {
	if s == nil {
		return Exit{Code: -1}
	}
	return Exit{Code: s.ExitCode()}
}

// Killed tells whether it may have been Kill that ended the process.
func (e Exit) Killed() bool { return e.Code == killedStatus || e.Code == -1 }

// KillOwnGroup does nothing: the job ends with the host.
func KillOwnGroup() {}
