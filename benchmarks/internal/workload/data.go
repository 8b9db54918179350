package workload

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/proc"
)

// records is W3.
func records(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	do := func() error {
		n, err := h.Records()
		if err == nil && n != 100 {
			err = fmt.Errorf("%d records came back, not 100", n)
		}
		return err
	}
	if _, err := repeat(nil, r.Time/4, do); err != nil {
		return err
	}
	took := make([]time.Duration, 0, 1<<16)
	objects, begin := mallocs(), time.Now()
	if took, err = repeat(took, r.Time, do); err != nil {
		return err
	}
	elapsed := time.Since(begin)
	r.Metrics["W3.allocs"] = float64(mallocs()-objects) / float64(len(took))
	r.Metrics["W3.rate"] = float64(len(took)) / elapsed.Seconds()
	r.Metrics["W3.p50"] = us(quantile(took, 0.5))
	return nil
}

// bulk is W4. What is counted are the bytes both ways.
func bulk(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	for _, mib := range []int{1, 16} {
		size := mib << 20
		sent := make([]byte, size)
		fill(sent)
		check := func() error {
			got, err := h.Bulk(sent)
			if err == nil && !bytes.Equal(got, sent) {
				err = fmt.Errorf("%d MiB came back changed", mib)
			}
			return err
		}
		if err := check(); err != nil {
			return err
		}
		took, err := serial(r.Time, func() error {
			got, err := h.Bulk(sent)
			if err == nil && len(got) != size {
				err = fmt.Errorf("%d bytes came back, not %d", len(got), size)
			}
			return err
		})
		if err != nil {
			return err
		}
		r.Metrics[fmt.Sprintf("W4.%dMiB", mib)] = 2 * float64(size) / 1e9 / quantile(took, 0.5).Seconds()
	}
	return nil
}

func fill(b []byte) { rand.NewChaCha8([32]byte{}).Read(b) }

// idleTimes is after how many times Run.Time without a call a plugin is idle: 1.5 s of the usual 150 ms.
const idleTimes = 10

// idle is W6.
func idle(r *Run) error {
	h, err := r.started()
	if err != nil {
		return err
	}
	defer h.Stop()
	const callers = 8
	errs := make(chan error, callers)
	for range callers {
		go func() {
			for range r.Calls / callers {
				if err := call(h); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range callers {
		if err := <-errs; err != nil {
			return err
		}
	}
	if r.Metrics["W6.busy"], err = proc.Memory(h.pid); err != nil {
		return err
	}
	debug.FreeOSMemory() // so that no collection of this side falls into the silence
	time.Sleep(idleTimes * r.Time)
	if r.Metrics["W6.memory"], err = proc.Memory(h.pid); err != nil {
		return err
	}
	return r.silence(h)
}

// silence measures the CPU time of both sides while nothing happens.
func (r *Run) silence(h *started) error {
	before, err := h.cpu()
	if err != nil {
		return err
	}
	begin := time.Now()
	time.Sleep(4 * r.Time)
	after, err := h.cpu()
	if err != nil {
		return err
	}
	r.Metrics["W6.idle"] = ms(after-before) / time.Since(begin).Seconds()
	return nil
}
