package workload

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// Callers is how many callers W2 has, one number after the other.
var Callers = []int{2, 4, 8, 16, 64}

// small is W1.
func small(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	took := make([]time.Duration, 0, 1<<18) // allocated outside of what is counted
	do := func() error { return call(h) }
	if _, err := repeat(nil, r.Time/4, do); err != nil {
		return err
	}
	cpu, err := h.cpu()
	if err != nil {
		return err
	}
	objects := mallocs()
	if took, err = repeat(took, r.Time, do); err != nil {
		return err
	}
	objects = mallocs() - objects
	after, err := h.cpu()
	if err != nil {
		return err
	}
	calls := float64(len(took))
	r.Metrics["W1.cpu"] = us(after-cpu) / calls
	r.Metrics["W1.allocs"] = float64(objects) / calls
	r.Metrics["W1.p50"] = us(quantile(took, 0.5))
	r.Metrics["W1.p99"] = us(quantile(took, 0.99))
	return nil
}

// callers is W2.
func callers(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	for _, n := range Callers {
		took, err := parallel(n, r.Time, func() error { return call(h) })
		if err != nil {
			return err
		}
		r.Metrics[fmt.Sprintf("W2.%d.rate", n)] = rate(n, took)
		r.Metrics[fmt.Sprintf("W2.%d.p99", n)] = us(quantile(took, 0.99))
	}
	return nil
}

// startStop is W5: as many plugins, one after the other, as the time allows, and
// two at least.
func startStop(r *Run) error {
	var starts, stops []time.Duration
	for begin := time.Now(); len(starts) < 2 || time.Since(begin) < r.Time; {
		start := time.Now()
		h, err := r.Start()
		if err != nil {
			return err
		}
		if err := call(h); err != nil {
			return err
		}
		ready := time.Now()
		if err := h.Stop(); err != nil {
			return err
		}
		starts, stops = append(starts, ready.Sub(start)), append(stops, time.Since(ready))
	}
	r.Metrics["W5.start"] = ms(quantile(starts, 0.5))
	r.Metrics["W5.stop"] = ms(quantile(stops, 0.5))
	return nil
}

// busy is W7.
func busy(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	defer compute()()
	took, err := serial(r.Time*2, func() error { return call(h) })
	if err != nil {
		return err
	}
	r.Metrics["W7.rate"] = rate(1, took)
	r.Metrics["W7.p99"] = ms(quantile(took, 0.99))
	return nil
}

// compute keeps every CPU of the host busy until the function that it returns is called.
func compute() (stop func()) {
	var done atomic.Bool
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for x := uint64(1); !done.Load(); {
				for range 1000 {
					x = x*6364136223846793005 + 1442695040888963407
				}
				sink.Store(x)
			}
		}()
	}
	return func() { done.Store(true) }
}

var sink atomic.Uint64

// slow is W8: the greatest latency is that of each slow call's time.
func slow(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	var all, maxima []time.Duration
	pause := min(100*time.Millisecond, 4*r.Time)
	for begin := time.Now(); len(maxima) < 3 || time.Since(begin) < r.Time*2; {
		paused := make(chan error, 1)
		go func() { paused <- h.Pause(pause) }()
		took, err := repeat(nil, pause, func() error { return call(h) })
		if err != nil {
			return err
		}
		if err := <-paused; err != nil {
			return err
		}
		maxima = append(maxima, quantile(took, 1))
		all = append(all, took...)
	}
	r.Metrics["W8.p99"] = ms(quantile(all, 0.99))
	r.Metrics["W8.max"] = ms(quantile(maxima, 0.5))
	return nil
}
