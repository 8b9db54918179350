//go:build !linux

package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// executeFile fails: this system executes nothing without a name.
func executeFile(*exec.Cmd, *os.File) (*os.File, error) {
	return nil, fmt.Errorf("executable in memory: %w", errors.ErrUnsupported)
}
