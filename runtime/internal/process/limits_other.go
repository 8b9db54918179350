//go:build !linux

package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// limiter holds a process within its limits.
type limiter struct{}

// newLimiter fails if there are any: this system cannot set those of a process before its
// program runs.
func newLimiter(_ *exec.Cmd, cfg Config) (*limiter, error) {
	if cfg.Limits != (Limits{}) {
		return nil, fmt.Errorf("Limits.Memory, CPUTime, Processes, OpenFiles and Cgroup: %w on %s; they need Linux", errors.ErrUnsupported, runtime.GOOS)
	}
	return &limiter{}, nil
}

func (*limiter) apply(*os.Process) error { return nil }

func (*limiter) kill() {}

func (*limiter) end(s *os.ProcessState) (u Use) {
	if s != nil {
		u.CPUTime = s.UserTime() + s.SystemTime()
	}
	return u
}

func (*limiter) abandon() {}
