package errors

import "errors"

// ErrLinux is not there on every system for which the output is built.
var ErrLinux = errors.New("linux")

// LinuxError is not either.
type LinuxError struct{}

func (LinuxError) Error() string { return "linux" }
