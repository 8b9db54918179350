package debugger

import (
	"bytes"
	"os"
)

// traced tells whether a debugger is there.
func traced() bool {
	status, err := os.ReadFile("/proc/self/status")
	return err == nil && bytes.Contains(status, []byte("\nTracerPid:\t")) && !bytes.Contains(status, []byte("\nTracerPid:\t0\n"))
}
