package pingo

import (
	"errors"
	"syscall"
)

// isReset tells whether err is the system's word for a connection whose other side is gone.
func isReset(err error) bool {
	const connectionAborted, connectionReset, noData = syscall.Errno(10053), syscall.Errno(10054), syscall.Errno(232)
	return errors.Is(err, connectionReset) || errors.Is(err, connectionAborted) ||
		errors.Is(err, noData) || errors.Is(err, syscall.ERROR_BROKEN_PIPE)
}
