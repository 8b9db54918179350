// Package workload holds what every subject has to do, written once. It runs in
// a subject's host process.
package workload

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/proc"
)

// Workload is one kind of load.
type Workload struct {
	Name   string
	What   string
	Serial bool // one call at a time: host and plugin get a CPU each when there are two
	Once   bool // so slow and so steady that one round in five has it
	Extras bool // only for subjects that have it
	run    func(*Run) error
}

// All is every workload, in the order in which they run.
var All = []Workload{
	{Name: "W1", What: "small unary call, serial", Serial: true, run: small},
	{Name: "W2", What: "small unary calls by 2 to 64 callers", run: callers},
	{Name: "W3", What: "100 records echoed", Serial: true, run: records},
	{Name: "W4", What: "1 and 16 MiB echoed", Serial: true, run: bulk},
	{Name: "W5", What: "from exec to the first reply; stop", run: startStop},
	{Name: "W6", What: "memory after 100,000 calls, busy and idle; CPU when idle", Once: true, run: idle},
	{Name: "W7", What: "W1 while the host computes on every CPU", run: busy},
	{Name: "W8", What: "W1 while another call takes 100 ms", Serial: true, run: slow},
	{Name: "X1", What: "a stream of 1 GiB to the host", Serial: true, Extras: true, run: stream},
	{Name: "X2", What: "small items, callbacks, deadlines, beside what a call takes", Serial: true, Extras: true, run: extras},
}

// Find returns the workload called name.
func Find(name string) (Workload, bool) {
	all := slices.Concat(All, Growth)
	i := slices.IndexFunc(all, func(w Workload) bool { return w.Name == name })
	if i < 0 {
		return Workload{}, false
	}
	return all[i], true
}

// Run is one workload of one subject.
type Run struct {
	Start func() (echo.Host, error) // starts a plugin
	Time  time.Duration             // how long each measurement takes
	Calls int                       // how many calls W6 makes
	Apart []int                     // the plugin's CPUs, if it is to have other ones than the host

	// Metrics is what was measured. A key is the workload's name, then the
	// parameter if there are several, then what was measured.
	Metrics map[string]float64
}

// Do runs w.
func (r *Run) Do(w Workload) error {
	r.Metrics = map[string]float64{}
	if err := w.run(r); err != nil {
		return fmt.Errorf("%s: %w", w.Name, err)
	}
	return nil
}

// started is a plugin that has answered a first call.
type started struct {
	echo.Host
	pid int
}

func (r *Run) started() (*started, error) {
	h, err := r.Start()
	if err != nil {
		return nil, err
	}
	if err := call(h); err != nil {
		return nil, err
	}
	children, err := proc.Children()
	if err != nil {
		return nil, err
	}
	if len(children) != 1 {
		return nil, fmt.Errorf("%d child processes, not 1: %v", len(children), children)
	}
	if r.Apart != nil {
		err = proc.Pin(children[0], r.Apart)
	}
	return &started{h, children[0]}, err
}

// cpu is the CPU time of both sides.
func (s *started) cpu() (time.Duration, error) {
	plugin, err := proc.CPU(s.pid)
	if err != nil {
		return 0, err
	}
	host, err := proc.CPU(os.Getpid())
	return host + plugin, err
}

// call makes a small call and looks at the answer.
func call(h echo.Host) error {
	got, err := h.Small(echo.Key, 1<<40)
	if err != nil {
		return err
	}
	if got != echo.Reply(echo.Key) {
		return fmt.Errorf("the answer to a small call was %q", got)
	}
	return nil
}

// serial calls do again and again for d, and returns how long each call took.
// Before it does so for a while that does not count.
func serial(d time.Duration, do func() error) ([]time.Duration, error) {
	if _, err := repeat(nil, d/4, do); err != nil {
		return nil, err
	}
	return repeat(make([]time.Duration, 0, 1<<16), d, do)
}

func repeat(took []time.Duration, d time.Duration, do func() error) ([]time.Duration, error) {
	begin := time.Now()
	for last := begin; last.Sub(begin) < d; {
		if err := do(); err != nil {
			return took, err
		}
		now := time.Now()
		took = append(took, now.Sub(last))
		last = now
	}
	return took, nil
}

// parallel has n goroutines do what serial does, and returns the durations of all calls.
func parallel(n int, d time.Duration, do func() error) ([]time.Duration, error) {
	var (
		wg   sync.WaitGroup
		took = make([][]time.Duration, n)
		errs = make([]error, n)
	)
	for i := range n {
		wg.Go(func() { took[i], errs[i] = serial(d, do) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(took...), nil
}

// quantile sorts took and returns its quantile q.
func quantile(took []time.Duration, q float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(len(took)-1, int(q*float64(len(took))))]
}

// rate is how many calls n callers together made in a second.
func rate(n int, took []time.Duration) float64 {
	var sum time.Duration
	for _, d := range took {
		sum += d
	}
	return float64(n) * float64(len(took)) / sum.Seconds()
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// mallocs is how many objects the host has allocated so far.
func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
