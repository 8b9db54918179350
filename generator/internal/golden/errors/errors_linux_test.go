package errors

import "testing"

func TestErrorsOfOneSystemAreText(t *testing.T) {
	requireUnknown(t, ErrLinux)
	requireUnknown(t, LinuxError{})
}
