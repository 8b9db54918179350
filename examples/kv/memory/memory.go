// Package memory keeps a key-value store in memory. It knows nothing of
// plugins, except that its constructor asks for one.
package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pingogen/pingogen/examples/kv/kv"
)

//go:generate go tool pingogen main -o ../cmd/kv-plugin

// Config is what a Store can be told. The plugin fills it from flags and from
// the environment.
type Config struct {
	// MaxItems bounds the number of items. Zero means 1000.
	MaxItems int
	// MaxValue bounds the length of a value in bytes. Zero means 1 MiB.
	MaxValue int
}

// Store is a kv.Store in memory.
type Store struct {
	cfg     Config
	started time.Time

	mu      sync.Mutex // protects following
	items   map[string]kv.Item
	changed chan struct{} // closed, and replaced, by each change
}

var _ kv.Store = (*Store)(nil)

// New returns an empty Store.
//
//pingo:plugin
func New(cfg Config) (*Store, error) {
	if cfg.MaxItems < 0 || cfg.MaxValue < 0 {
		return nil, errors.New("kv: the bounds of a store cannot be negative")
	}
	cfg.MaxItems = cmp.Or(cfg.MaxItems, 1000)
	cfg.MaxValue = cmp.Or(cfg.MaxValue, 1<<20)
	return &Store{
		cfg:     cfg,
		started: time.Now(),
		items:   make(map[string]kv.Item),
		changed: make(chan struct{}),
	}, nil
}

// Get implements kv.Store.
func (s *Store) Get(_ context.Context, key string) (kv.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.items[key]
	if !ok {
		return kv.Item{}, fmt.Errorf("%w: %q", kv.ErrNotFound, key)
	}
	return item, nil
}

// GetAll implements kv.Store.
func (s *Store) GetAll(_ context.Context, keys ...string) (map[string]kv.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[string]kv.Item)
	for _, key := range keys {
		if item, ok := s.items[key]; ok {
			found[key] = item
		}
	}
	return found, nil
}

// Find implements kv.Store.
func (s *Store) Find(_ context.Context, q kv.Query) ([]kv.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []kv.Item
	for _, key := range slices.Sorted(maps.Keys(s.items)) {
		if q.Limit > 0 && len(found) == q.Limit {
			break
		}
		if item := s.items[key]; matches(item, q) {
			found = append(found, item)
		}
	}
	return found, nil
}

func matches(item kv.Item, q kv.Query) bool {
	for label, value := range q.Labels {
		if item.Labels[label] != value {
			return false
		}
	}
	if !q.CreatedBefore.IsZero() && !item.Created.Before(q.CreatedBefore) {
		return false
	}
	return strings.HasPrefix(item.Key, q.Prefix)
}

// Wait implements kv.Store.
func (s *Store) Wait(ctx context.Context, key string, after kv.Revision) (kv.Item, error) {
	for {
		s.mu.Lock()
		item, changed := s.items[key], s.changed
		s.mu.Unlock()
		if item.Revision > after {
			return item, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return kv.Item{}, ctx.Err()
		}
	}
}

// Stats implements kv.Store.
func (s *Store) Stats(context.Context) (kv.Stats, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := kv.Stats{Items: len(s.items), Started: s.started, Uptime: time.Since(s.started)}
	for _, item := range s.items {
		stats.Bytes += int64(len(item.Value))
		stats.Sizes[sizeClass(len(item.Value))]++
	}
	return stats, nil
}

func sizeClass(n int) int {
	for class, limit := range []int{16, 256, 4096} {
		if n < limit {
			return class
		}
	}
	return 3
}
