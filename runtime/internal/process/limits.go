package process

import "time"

// Limits are what a process may use up. Zero means no limit.
type Limits struct {
	Memory    int64 // bytes
	CPUTime   time.Duration
	Processes int
	OpenFiles int
	Cgroup    string // the directory of the control group in which each process gets one
}

// Use is what a process used, as far as the system tells.
type Use struct {
	CPUTime time.Duration
	OutOf   string // "Memory" or "Processes", if it ran into that limit of its control group
}
