package logs

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// Receiver hands the records of one process to the host's handler, in their order.
type Receiver struct {
	handler func() slog.Handler

	busy sync.RWMutex // read-locked while records are handed over

	mu    sync.Mutex // protects following
	next  uint64     // call that is next
	moved chan struct{}
	level slog.Level // the lowest that the handler took last
}

// NewReceiver returns a Receiver for one process. It asks for the handler with each call.
func NewReceiver(handler func() slog.Handler) *Receiver {
	return &Receiver{handler: handler, moved: make(chan struct{})}
}

// Service is what the plugin calls.
func (r *Receiver) Service() *codec.Service {
	return &codec.Service{Contract: &Contract, Handlers: []codec.Handler{r.handle}}
}

func (r *Receiver) handle(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
	var b batch
	if err := dec.Message(&b); err != nil {
		return err
	}
	r.busy.RLock()
	defer r.busy.RUnlock()
	if err := r.await(ctx, b.seq); err != nil {
		return err
	}
	defer r.pass()
	h := r.handler()
	ctx = context.WithoutCancel(ctx) // a record is not lost because its sender is
	if b.dropped > 0 {
		dropped := slog.NewRecord(time.Now(), slog.LevelWarn, "records of the plugin were dropped: it logs faster than the host takes them", 0)
		dropped.AddAttrs(slog.Int("dropped", b.dropped))
		hand(ctx, h, dropped)
	}
	for _, encoded := range b.records {
		ctx, record, err := decode(ctx, encoded)
		if err != nil {
			return err
		}
		hand(ctx, h, record)
	}
	a := answer{r.lowest(ctx, h)}
	a.Encode(enc)
	return nil
}

// hand logs a record as package slog does, which has no use for an error either.
func hand(ctx context.Context, h slog.Handler, r slog.Record) {
	if h.Enabled(ctx, r.Level) {
		_ = h.Handle(ctx, r)
	}
}

// await waits for the calls before. When the connection has ended some may be
// missing, and the order does not matter any more.
func (r *Receiver) await(ctx context.Context, seq uint64) error {
	for {
		r.mu.Lock()
		ahead, moved := seq-r.next, r.moved
		r.mu.Unlock()
		switch {
		case ahead == 0:
			return nil
		case ahead > drainWindow:
			return errors.New("records are out of order")
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil
		}
	}
}

// pass lets the next call go on.
func (r *Receiver) pass() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	close(r.moved)
	r.moved = make(chan struct{})
}

// lowest is the lowest level that h takes, of which it takes all that are higher.
func (r *Receiver) lowest(ctx context.Context, h slog.Handler) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h.Enabled(ctx, r.level) && !h.Enabled(ctx, r.level-1) {
		return int64(r.level)
	}
	const bound = 1 << 16 // levels are small
	low, high := slog.Level(-bound), slog.Level(bound)
	if !h.Enabled(ctx, high) {
		return math.MaxInt64
	}
	for low < high {
		if mid := low + (high-low)/2; h.Enabled(ctx, mid) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	if r.level = low; low == -bound {
		return math.MinInt64
	}
	return int64(low)
}

// Wait returns when no records are handed over any more, or after d.
func (r *Receiver) Wait(d time.Duration) {
	if r.busy.TryLock() {
		r.busy.Unlock()
		return
	}
	idle := make(chan struct{})
	go func() {
		r.busy.Lock()
		defer r.busy.Unlock()
		close(idle)
	}()
	clock.Wait(context.Background(), idle, d)
}
