//go:build unix

package diagnose

import "syscall"

// limits are the errors of a system that has no room for another process.
var limits = []error{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE}
