package workload

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/proc"
)

// Growth is what shows how costs grow. The number in a metric is what grows.
var Growth = []Workload{
	{Name: "G1", What: "plugins in one host", run: plugins},
	{Name: "G2", What: "callers of one plugin", run: crowd},
	{Name: "G3", What: "bytes a message", Serial: true, run: sizes},
}

// The numbers that each of them goes through, and those of methods an interface.
// The largest message is one whose parameters still fit into the 64 MiB that a
// message may have by default.
var (
	Plugins = []int{1, 10, 50, 100, 200}
	Crowd   = []int{1, 4, 16, 64, 256, 1024, 4096}
	Sizes   = []int{16, 256, 4 << 10, 64 << 10, 1 << 20, 16 << 20, 64<<20 - 64}
	Methods = []int{1, 10, 50, 200}
)

// upTo leaves out of the numbers what would take long when a run is short.
func (r *Run) upTo(numbers []int, most int) []int {
	if r.Time >= 50*time.Millisecond {
		return numbers
	}
	var few []int
	for _, n := range numbers {
		if n <= most {
			few = append(few, n)
		}
	}
	return few
}

// plugins is G1.
func plugins(r *Run) error {
	for _, n := range r.upTo(Plugins, 10) {
		if err := r.plugins(n); err != nil {
			return fmt.Errorf("%d plugins: %w", n, err)
		}
	}
	return nil
}

// plugins starts n plugins at once.
func (r *Run) plugins(n int) error {
	hosts := make([]echo.Host, n)
	defer func() { each(hosts, func(i int) error { return hosts[i].Stop() }) }()
	took, err := timed(func() error {
		return each(hosts, func(i int) (err error) {
			if hosts[i], err = r.Start(); err != nil {
				return err
			}
			return call(hosts[i])
		})
	})
	if err != nil {
		return err
	}
	r.set("G1", n, "start", ms(took))
	pids, err := proc.Children()
	if err != nil {
		return err
	}
	if len(pids) != n {
		return fmt.Errorf("there are %d processes", len(pids))
	}
	if err := r.sizesOf(n, pids); err != nil {
		return err
	}
	calls, err := serial(r.Time, func() error { return call(hosts[n-1]) })
	if err != nil {
		return err
	}
	r.set("G1", n, "p50", us(quantile(calls, 0.5)))
	return r.quiet(n, pids)
}

// sizesOf measures memory and threads of a plugin, and those of the host.
func (r *Run) sizesOf(n int, pids []int) error {
	var memory, threads float64
	for _, pid := range pids {
		m, err := proc.Memory(pid)
		if err != nil {
			return err
		}
		t, err := proc.Threads(pid)
		if err != nil {
			return err
		}
		memory, threads = memory+m, threads+t
	}
	own, err := proc.Threads(os.Getpid())
	if err != nil {
		return err
	}
	r.set("G1", n, "memory", memory/float64(n))
	r.set("G1", n, "threads", threads/float64(n))
	r.set("G1", n, "host-threads", own)
	return nil
}

// quiet measures the CPU time of all processes while nothing happens.
func (r *Run) quiet(n int, pids []int) error {
	all := append([]int{os.Getpid()}, pids...)
	time.Sleep(idleTimes * r.Time) // what the calls have left behind
	before, err := total(all)
	if err != nil {
		return err
	}
	begin := time.Now()
	time.Sleep(4 * r.Time)
	after, err := total(all)
	if err != nil {
		return err
	}
	r.set("G1", n, "idle", ms(after-before)/time.Since(begin).Seconds())
	return nil
}

func total(pids []int) (sum time.Duration, err error) {
	for _, pid := range pids {
		d, err := proc.CPU(pid)
		if err != nil {
			return 0, err
		}
		sum += d
	}
	return sum, nil
}

// each runs do for every element of list at once.
func each[T any](list []T, do func(i int) error) error {
	var (
		wg   sync.WaitGroup
		errs = make([]error, len(list))
	)
	for i := range list {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// crowd is G2.
func crowd(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	for _, n := range r.upTo(Crowd, 64) {
		took, err := parallel(n, r.Time, func() error { return call(h) })
		if err != nil {
			return fmt.Errorf("%d callers: %w", n, err)
		}
		r.set("G2", n, "rate", rate(n, took))
		r.set("G2", n, "p99", us(quantile(took, 0.99)))
	}
	return nil
}

// sizes is G3.
func sizes(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	message := make([]byte, Sizes[len(Sizes)-1])
	fill(message)
	for _, n := range r.upTo(Sizes, 1<<20) {
		took, err := serial(r.Time, func() error {
			_, err := h.Bulk(message[:n])
			return err
		})
		if err != nil {
			return fmt.Errorf("%d bytes: %w", n, err)
		}
		p50 := quantile(took, 0.5)
		r.set("G3", n, "p50", us(p50))
		r.set("G3", n, "GBps", 2*float64(n)/1e9/p50.Seconds())
	}
	return nil
}

func (r *Run) set(workload string, n int, what string, value float64) {
	r.Metrics[fmt.Sprintf("%s.%d.%s", workload, n, what)] = value
}
