package pingotest

import "time"

// ForgetBuilt has the next Build run the go command again.
func ForgetBuilt() { built.Clear() }

// SetLeakTime is for programs that are about to be told that something is left.
func SetLeakTime(d time.Duration) { leakTime = d }
