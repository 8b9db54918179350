//go:build unix

package process

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// group is the process group that the process leads.
type group struct{ leader *exec.Cmd }

// newGroup makes cmd the leader of a group. A group that the host's terminal
// does not know is not interrupted from there: the host decides.
func newGroup(cmd *exec.Cmd) (group, error) {
	cmd.SysProcAttr = leader()
	return group{cmd}, nil
}

func (g group) add(*os.Process) {}

func (g group) terminate() {
	g.signal(syscall.SIGTERM)
	g.signal(syscall.SIGCONT) // who is stopped has to wake up to hear it
}

func (g group) kill() { g.signal(syscall.SIGKILL) }

// signal is for a group whose leader was not reaped. If the system has done that by itself, since this program ignores SIGCHLD,
// what is left of the group keeps its number. If nothing is, another process may have that, and must not be hit.
func (g group) signal(s syscall.Signal) {
	p := g.leader.Process
	reaped := errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
	if reaped && syscall.Kill(p.Pid, 0) != syscall.ESRCH {
		return
	}
	_ = syscall.Kill(-p.Pid, s)
}

func (g group) close() {}

// become makes cmd run as somebody who is in no other group.
func become(cmd *exec.Cmd, id Identity) {
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: id.User, Gid: id.Group}
}

// exitOf reads the status.
func exitOf(s *os.ProcessState) Exit {
	if s == nil {
		return Exit{Code: -1}
	}
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return Exit{Code: -1, Signal: ws.Signal()}
	}
	return Exit{Code: s.ExitCode()}
}

// Killed tells whether it may have been Kill that ended the process.
func (e Exit) Killed() bool { return e.Signal == syscall.SIGKILL || e.Signal == nil && e.Code == -1 }

// KillOwnGroup ends this process together with its group, if it leads one.
func KillOwnGroup() {
	if syscall.Getpgrp() == os.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
}
