package transport

import (
	"errors"
	"syscall"
)

// reset are the system's words for a connection whose other side is gone: what it returns itself, and
// the numbers that package syscall makes up for programs which ask by names as on Unix.
var reset = [...]syscall.Errno{10053, 10054, 232, syscall.ERROR_BROKEN_PIPE, syscall.ECONNRESET, syscall.EPIPE} // WSAECONNABORTED, WSAECONNRESET, ERROR_NO_DATA

// IsReset tells whether err is the system's word for a connection whose other side is gone.
func IsReset(err error) bool {
	for _, errno := range reset {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
