//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// group is the process group that the process leads.
type group struct{ pid *int }

// newGroup makes cmd the leader of a group. A group that the host's terminal
// does not know is not interrupted from there: the host decides.
func newGroup(cmd *exec.Cmd) (group, error) {
	cmd.SysProcAttr = leader()
	return group{pid: new(int)}, nil
}

func (g group) add(p *os.Process) { *g.pid = p.Pid }

func (g group) terminate() {
	_ = syscall.Kill(-*g.pid, syscall.SIGTERM) // who is stopped has to wake up to hear it
	_ = syscall.Kill(-*g.pid, syscall.SIGCONT)
}

func (g group) kill() { _ = syscall.Kill(-*g.pid, syscall.SIGKILL) }

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

// KillOwnGroup ends this process together with its group, if it leads one.
func KillOwnGroup() {
	if syscall.Getpgrp() == os.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
}
