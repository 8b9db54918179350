//go:build !linux

package executable

import (
	"errors"
	"fmt"
	"os"
)

// inMemory fails: this system executes nothing without a name.
func inMemory(*os.File, int64) (*Copy, error) {
	return nil, fmt.Errorf("executable in memory: %w", errors.ErrUnsupported)
}
