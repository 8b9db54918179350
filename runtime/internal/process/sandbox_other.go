//go:build !linux

package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// cell keeps a process in its sandbox.
type cell struct{}

// newCell fails if there is to be one.
func newCell(_ *exec.Cmd, cfg Config) (*cell, error) {
	if cfg.Sandbox != nil {
		return nil, fmt.Errorf("Config.Sandbox: %w on %s; it needs Linux", errors.ErrUnsupported, runtime.GOOS)
	}
	return &cell{}, nil
}

func (*cell) enter() error { return nil }

func (*cell) closed() bool { return false }

func (*cell) resume(*os.Process) func() { return func() {} }

func (*cell) close() {}
