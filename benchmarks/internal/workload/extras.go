package workload

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
)

var errLacks = errors.New("this subject has no such workload")

// amount is how much goes through a stream: all of it, unless the run is short.
func (r *Run) amount(all int64) int64 {
	if r.Time < 50*time.Millisecond {
		return all / 256
	}
	return all
}

// timed returns how long do takes.
func timed(do func() error) (time.Duration, error) {
	begin := time.Now()
	err := do()
	return time.Since(begin), err
}

// stream is X1.
func stream(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	streamer, ok := h.Host.(echo.Streamer)
	if !ok {
		return errLacks
	}
	size := r.amount(1 << 30)
	took, err := timed(func() error { return streamer.Stream(size) })
	if err != nil {
		return err
	}
	r.Metrics["X1.read"] = float64(size) / 1e9 / took.Seconds()
	return nil
}

// extras is X2.
func extras(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	x, ok := h.Host.(echo.Extras)
	if !ok {
		return errLacks
	}
	size, n := r.amount(256<<20), r.amount(1<<20)
	for metric, measure := range map[string]struct {
		amount float64
		do     func() error
	}{
		"X2.upload": {float64(size) / 1e9, func() error { return x.Upload(size) }},
		"X2.items":  {float64(n) / 1e6, func() error { return x.Items(n) }},
		"X2.send":   {float64(n) / 1e6, func() error { return x.SendItems(n) }},
	} {
		took, err := timed(measure.do)
		if err != nil {
			return err
		}
		r.Metrics[metric] = measure.amount / took.Seconds()
	}
	return r.relative(h, x)
}

// relative measures callbacks and calls with a deadline against calls without,
// in turns, so that all of them see the same machine. X2.deadline is without what package context takes for the
// context alone, which is no call.
func (r *Run) relative(h echo.Host, x echo.Extras) error {
	const calls = 100
	many := func(do func() error) func() error {
		return func() error {
			for range calls {
				if err := do(); err != nil {
					return err
				}
			}
			return nil
		}
	}
	plain := many(func() error { return call(h) })
	carried, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	within := func(ctx context.Context) error {
		_, err := x.Within(ctx, echo.Key, 1<<40)
		return err
	}
	fresh := func(do func(context.Context) error) func() error {
		return many(func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			return do(ctx)
		})
	}
	timeout := many(func() error {
		_, err := x.Timed(echo.Key, 1<<40)
		return err
	})
	others := map[string]func() error{
		"X2.callback": func() error { return x.Callbacks(calls) }, "X2.timeout": timeout,
		"X2.carried": many(func() error { return within(carried) }),
		"X2.fresh":   fresh(within), "X2.context": fresh(func(context.Context) error { return nil }),
	}
	ratios := map[string][]float64{}
	for begin := time.Now(); len(ratios["X2.callback"]) < 3 || time.Since(begin) < r.Time; {
		base, err := timed(plain)
		if err != nil {
			return err
		}
		for name, do := range others {
			d, err := timed(do)
			if err != nil {
				return err
			}
			ratios[name] = append(ratios[name], float64(d)/float64(base))
		}
		last := len(ratios["X2.fresh"]) - 1
		ratios["X2.deadline"] = append(ratios["X2.deadline"], ratios["X2.fresh"][last]-ratios["X2.context"][last])
	}
	for name, list := range ratios {
		r.Metrics[name] = middle(list)
	}
	return nil
}

func middle(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
