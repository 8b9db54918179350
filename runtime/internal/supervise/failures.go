// Package supervise decides when something that has failed is tried again. It
// neither sleeps nor looks at a clock: who does says what time it is.
package supervise

import (
	"math"
	"time"
)

// Policy says how long to wait before another try, and when there is none.
type Policy struct {
	Delay    time.Duration // after the first failure
	MaxDelay time.Duration // at most, however many there were
	Window   time.Duration // in which a failure fades
	Budget   int           // how many failures at a time are put up with; negative: any number
}

// maxHistory bounds what is kept of failures under a policy that never gives up.
const maxHistory = 100

// Failure is one failure.
type Failure struct {
	Time time.Time
	Err  error
}

// Failures are those that have not faded yet, oldest first.
type Failures []Failure

// Add notes a failure and forgets those that have faded.
func (f *Failures) Add(p Policy, at time.Time, err error) {
	faded := 0
	for faded < len(*f) && weight(p, at.Sub((*f)[faded].Time)) == 0 {
		faded++
	}
	faded = max(faded, len(*f)-maxHistory+1)
	*f = append((*f)[faded:len(*f):len(*f)], Failure{at, err})
}

// weight is what a failure counts for when it has a certain age: one at first,
// and evenly less until nothing is left of it.
func weight(p Policy, age time.Duration) float64 {
	if age <= 0 {
		return 1
	}
	if age >= p.Window {
		return 0
	}
	return 1 - float64(age)/float64(p.Window)
}

// level is how much the failures count for together at the time of the last.
func (f Failures) level(p Policy) float64 {
	var sum float64
	for _, one := range f {
		sum += weight(p, f[len(f)-1].Time.Sub(one.Time))
	}
	return sum
}

// Exhausted tells whether the last failure was one too many.
func (f Failures) Exhausted(p Policy) bool {
	return p.Budget >= 0 && len(f) > 0 && f.level(p) > float64(p.Budget)
}

// Backoff is how long to wait after the last failure. The delay doubles with each
// that has not faded; between half of it and all of it is chosen by random, a
// number from 0 to 1, so that what failed together is not tried again together.
func (f Failures) Backoff(p Policy, random float64) time.Duration {
	if len(f) == 0 {
		return 0
	}
	doublings := math.Ceil(f.level(p)) - 1
	delay := math.Min(float64(p.Delay)*math.Exp2(doublings), float64(p.MaxDelay))
	return time.Duration(delay * (1 + random) / 2)
}
