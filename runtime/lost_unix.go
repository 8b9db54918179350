//go:build !windows

package pingo

import (
	"errors"
	"syscall"
)

// isReset tells whether err is the system's word for a connection whose other side is gone.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
