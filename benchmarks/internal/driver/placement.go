package driver

import (
	"fmt"

	"github.com/pingogen/pingogen/benchmarks/internal/proc"
	"github.com/pingogen/pingogen/benchmarks/internal/workload"
)

// Placement says which CPUs host and plugin may use. The scheduler puts two
// processes that talk to each other now on one CPU and now on two, which changes
// every figure by more than most designs differ; so both are measured, and neither
// is left to chance.
type Placement struct {
	Name string
	cpus []int
}

// MaxProcs is what GOMAXPROCS is for both sides, whatever CPUs they have: a
// scheduler that puts both on one CPU does not tell them.
const MaxProcs = 2

// Placements returns those that this machine has.
func Placements() ([]Placement, error) {
	cpus, err := proc.CPUs()
	if err != nil {
		return nil, err
	}
	if len(cpus) < 2 {
		return nil, fmt.Errorf("two CPUs are needed, and this process may use %v", cpus)
	}
	return []Placement{{"one CPU", cpus[:1]}, {"two CPUs", cpus[:2]}}, nil
}

// split returns the CPUs of the host, which the plugin inherits, and those that
// the plugin gets instead, if any. Where one call is made at a time, each side has
// its own of two CPUs; where both have work for more, they share them.
func (p Placement) split(w workload.Workload) (host, apart []int) {
	if w.Serial && len(p.cpus) > 1 {
		return p.cpus[:1], p.cpus[1:]
	}
	return p.cpus, nil
}
