package report

import (
	"fmt"
	"math"
	"strings"
)

// Limit is what one of ours must reach in every placement.
type Limit struct {
	Metric  string
	Subject string
	Against string // a subject, if the limit is for the ratio to it; else it is for the value
	AtLeast bool   // else at most
	Gate    float64
	Aim     float64
}

// Limits is the table of what must be reached. Of subjects that were not measured
// nothing is said.
var Limits = []Limit{
	{Metric: "W1.p50", Against: "raw-unix", Gate: 0.75, Aim: 0.15},
	{Metric: "W1.p50", Against: "net/rpc", Gate: 0.30, Aim: 0.15},
	{Metric: "W1.p50", Against: "go-plugin/netrpc", Gate: 0.18, Aim: 0.09},
	{Metric: "W1.p50", Against: "go-plugin/grpc", Gate: 0.10, Aim: 0.05},
	{Metric: "W1.p50", Against: "ttrpc", Gate: 0.20, Aim: 0.10},
	{Metric: "W1.cpu", Against: "raw-unix", Gate: 0.80, Aim: 0.60},
	{Metric: "W1.allocs", Gate: 2, Aim: 1},
	{Metric: "W2.64.rate", Against: "raw-unix", AtLeast: true, Gate: 2.2, Aim: 3.2},
	{Metric: "W2.64.p99", Against: "raw-unix", Gate: 0.15, Aim: 0.08},
	{Metric: "W2.64.rate", Against: "net/rpc", AtLeast: true, Gate: 4, Aim: 6},
	{Metric: "W2.64.rate", Against: "go-plugin/netrpc", AtLeast: true, Gate: 7, Aim: 11},
	{Metric: "W2.64.rate", Against: "go-plugin/grpc", AtLeast: true, Gate: 13, Aim: 20},
	{Metric: "W2.64.rate", Against: "ttrpc", AtLeast: true, Gate: 6, Aim: 9},
	{Metric: "W2.2.rate", Against: "raw-unix", AtLeast: true, Gate: 1, Aim: 1.3},
	{Metric: "W2.4.rate", Against: "raw-unix", AtLeast: true, Gate: 1, Aim: 1.7},
	{Metric: "W2.8.rate", Against: "raw-unix", AtLeast: true, Gate: 1, Aim: 2.3},
	{Metric: "W2.16.rate", Against: "raw-unix", AtLeast: true, Gate: 1, Aim: 3},
	{Metric: "W3.rate", Against: "net/rpc", AtLeast: true, Gate: 4, Aim: 6},
	{Metric: "W3.rate", Against: "go-plugin/grpc", AtLeast: true, Gate: 7, Aim: 10},
	{Metric: "W3.allocs", Gate: 6, Aim: 3},
	{Metric: "W4.1MiB", Against: "raw-unix", AtLeast: true, Gate: 0.90, Aim: 2},
	{Metric: "W4.16MiB", Against: "raw-unix", AtLeast: true, Gate: 0.85, Aim: 1.5},
	{Metric: "W5.start", Against: "go-plugin/grpc", Gate: 0.50, Aim: 0.39},
	{Metric: "W5.stop", Against: "go-plugin/grpc", Gate: 0.60, Aim: 0.50},
	{Metric: "W6.memory", Against: "go-plugin/grpc", Gate: 0.45, Aim: 0.34},
	{Metric: "W6.idle", Gate: 3, Aim: 1},
	{Metric: "W7.rate", Against: "net/rpc", AtLeast: true, Gate: 50, Aim: 400},
	{Metric: "W7.p99", Gate: 0.5, Aim: 0.05},
	{Metric: "W8.p99", Gate: 0.2, Aim: 0.06},
	{Metric: "W8.max", Gate: 5, Aim: 0.3},
	{Metric: "X1.read", Against: "raw-unix", AtLeast: true, Gate: 0.90, Aim: 1.05},
	{Metric: "X2.items", AtLeast: true, Gate: 5, Aim: 5},
	{Metric: "X2.callback", Gate: 1.3, Aim: 1.3},
	{Metric: "X2.deadline", Gate: 1.1, Aim: 1.1},
	{Metric: "X2.carried", Gate: 1.1, Aim: 1.1},
	{Metric: "X2.timeout", Gate: 1.1, Aim: 1.1},
	{Metric: "W1.p50", Subject: sockets, Against: "raw-unix", Gate: 0.75, Aim: 0.40},
	{Metric: "W1.cpu", Subject: sockets, Against: "raw-unix", Gate: 0.80, Aim: 0.60},
	{Metric: "W2.64.rate", Subject: sockets, Against: "raw-unix", AtLeast: true, Gate: 2.2, Aim: 3.2},
	{Metric: "W2.64.p99", Subject: sockets, Against: "raw-unix", Gate: 0.15, Aim: 0.08},
	{Metric: "W4.1MiB", Subject: sockets, Against: "raw-unix", AtLeast: true, Gate: 0.90, Aim: 1.05},
	{Metric: "W4.16MiB", Subject: sockets, Against: "raw-unix", AtLeast: true, Gate: 0.85, Aim: 1},
	{Metric: "X1.read", Subject: sockets, Against: "raw-unix", AtLeast: true, Gate: 0.90, Aim: 1.05},
}

// Ours is the subject of limits that name none: what is used by default. Sockets is ours without
// shared memory.
const (
	Ours    = "pingogen-auto"
	sockets = "pingogen-socket"
)

// Verdict is a limit and what was measured.
type Verdict struct {
	Limit
	Placement string
	Value     float64
	Rounds    int
	Reached   bool // the gate
	Aimed     bool // the aim, too
}

func (r *Report) verdicts() []Verdict {
	var all []Verdict
	for _, placement := range r.placements() {
		for _, limit := range Limits {
			if v, ok := r.verdict(limit, placement); ok {
				all = append(all, v)
			}
		}
	}
	return all
}

func (r *Report) verdict(l Limit, placement string) (Verdict, bool) {
	if l.Subject == "" {
		l.Subject = Ours
	}
	v := Verdict{Limit: l, Placement: placement}
	if l.Against != "" {
		v.Value, v.Rounds = r.Ratio(placement, l.Subject, l.Against, l.Metric)
	} else {
		v.Value, v.Rounds = r.Median(placement, l.Subject, l.Metric)
	}
	if v.Rounds == 0 || math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
		return v, false
	}
	if strings.HasSuffix(l.Metric, ".allocs") {
		v.Value = math.Round(v.Value*10) / 10 // the runtime allocates now and then, too
	}
	v.Reached, v.Aimed = l.holds(v.Value, l.Gate), l.holds(v.Value, l.Aim)
	return v, true
}

func (l Limit) holds(value, limit float64) bool {
	if l.AtLeast {
		return value >= limit
	}
	return value <= limit
}

// Missed returns the verdicts whose gate was not reached.
func (r *Report) Missed() []Verdict {
	var missed []Verdict
	for _, v := range r.Gate {
		if !v.Reached {
			missed = append(missed, v)
		}
	}
	return missed
}

// placements returns those that occur, in their order.
func (r *Report) placements() []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range r.Samples {
		if !seen[s.Placement] {
			seen[s.Placement] = true
			names = append(names, s.Placement)
		}
	}
	return names
}

func (v Verdict) String() string {
	what, sign := v.Subject+" "+v.Metric, "<="
	if v.Against != "" {
		what += " / " + v.Against
	}
	if v.AtLeast {
		sign = ">="
	}
	return fmt.Sprintf("%s, %s: %s, not %s %s", what, v.Placement, Beside(v.Value, v.Gate), sign, number(v.Gate))
}
