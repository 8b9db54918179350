package suites

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
)

func usage() Usage {
	u := Usage{Goroutines: runtime.NumGoroutine()}
	open, _ := os.ReadDir("/proc/self/fd")
	u.Descriptors = len(open)
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	_, _ = fmt.Sscan(string(rest), &u.Peak)
	return u
}
