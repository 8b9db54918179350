// Package memory counts in memory. It knows nothing of plugins.
package memory

import (
	"context"
	"sync"

	"github.com/pingogen/pingogen/examples/counter/counter"
)

//go:generate go tool pingogen main -o ../cmd/counter-plugin

// Counter is a counter.Counter.
type Counter struct {
	mu   sync.Mutex // protects following
	sums map[string]int64
}

var _ counter.Counter = (*Counter)(nil)

// New returns a Counter.
//
//pingo:plugin
func New() *Counter { return &Counter{sums: map[string]int64{}} }

// Put lets helper add value to what is there.
func (c *Counter) Put(ctx context.Context, key string, value int64, helper counter.AddHelper) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum, err := helper.Sum(ctx, c.sums[key], value)
	if err != nil {
		return err
	}
	c.sums[key] = sum
	return nil
}

// Get returns the sum of key.
func (c *Counter) Get(_ context.Context, key string) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sums[key], nil
}
