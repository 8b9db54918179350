package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/pingogen/pingogen/runtime/internal/landlock"
)

// cell keeps a process in its sandbox.
type cell struct{ rules *landlock.Ruleset } // nil for none

// newCell makes the rules of a sandbox for cmd, which is otherwise ready to be started.
func newCell(cmd *exec.Cmd, cfg Config) (_ *cell, err error) {
	if cfg.Sandbox == nil {
		return &cell{}, nil
	}
	if cmd.Err != nil {
		return nil, cmd.Err
	}
	rules, err := landlock.New(cfg.Sandbox.UnixSockets)
	if err != nil {
		return nil, fmt.Errorf("Config.Sandbox: %w", err)
	}
	defer func() {
		if err != nil {
			rules.Close()
		}
	}()
	if cfg.Image == nil || cfg.Image.Image == nil { // a file without a name may be executed by whoever has it
		if err := rules.AllowPath(pathOf(cmd), landlock.Execute); err != nil {
			return nil, err
		}
	}
	return &cell{rules}, cfg.Sandbox.allow(rules)
}

// pathOf is where cmd's executable is, for this process.
func pathOf(cmd *exec.Cmd) string {
	if cmd.Dir == "" || filepath.IsAbs(cmd.Path) {
		return cmd.Path
	}
	return filepath.Join(cmd.Dir, cmd.Path)
}

// allow makes a rule of each thing that is listed.
func (s *Sandbox) allow(rules *landlock.Ruleset) error {
	for _, files := range []struct {
		field  string
		paths  []string
		access landlock.Access
	}{{"Read", s.Read, landlock.Read}, {"Write", s.Write, landlock.Write}, {"Execute", s.Execute, landlock.Execute}} {
		for _, path := range files.paths {
			if err := rules.AllowPath(path, files.access); err != nil {
				return fmt.Errorf("Config.Sandbox.%s: %w", files.field, err)
			}
		}
	}
	for _, ports := range []struct {
		field string
		ports []uint16
		allow func(uint16) error
	}{{"Connect", s.Connect, rules.AllowConnect}, {"Bind", s.Bind, rules.AllowBind}} {
		for _, port := range ports.ports {
			if err := ports.allow(port); err != nil {
				return fmt.Errorf("Config.Sandbox.%s: %d: %w", ports.field, port, err)
			}
		}
	}
	return nil
}

// enter shuts the calling thread in. What it starts from then on is in the cell from its
// first instruction on; this program's other threads are not.
func (c *cell) enter() error {
	if c.rules == nil {
		return nil
	}
	if err := c.rules.RestrictThread(); err != nil {
		return fmt.Errorf("Config.Sandbox: %w", err)
	}
	return nil
}

// closed tells whether there is a sandbox: then a process that was started waits for resume.
func (c *cell) closed() bool { return c.rules != nil }

// resume is called by the thread that has started a process, and returns what lets the process go on when
// that thread has ended: it is in the sandbox as well, and a thread of this program that can be
// signalled and traced from there would be this program's end.
func (c *cell) resume(p *os.Process) func() {
	thread := syscall.Gettid()
	return func() {
		for lives(thread) {
			runtime.Gosched()
		}
		_ = p.Signal(syscall.SIGCONT)
	}
}

// lives tells whether this program has the thread.
func lives(thread int) bool {
	_, _, errno := syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()), uintptr(thread), 0)
	return errno == 0
}

// close lets go of the rules. Who has entered stays in.
func (c *cell) close() {
	if c.rules != nil {
		c.rules.Close()
	}
}
