//go:build !windows

package transport

import (
	"errors"
	"syscall"
)

// IsReset tells whether err is the system's word for a connection whose other side is gone.
func IsReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
