package process

import "time"

// HostGone is false: a plugin whose host ends is ended by the job.
func HostGone(time.Duration) bool { return false }

// AwaitHostGone does not return: see HostGone.
func AwaitHostGone() { select {} }
