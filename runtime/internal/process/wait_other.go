//go:build !linux && !darwin

package process

import "os"

// awaitExit does nothing: the process is waited for and reaped in one step.
func awaitExit(*os.Process) {}
