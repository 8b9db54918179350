// Package current implements the contract as it is now.
package current

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	store "github.com/pingogen/pingogen/examples/versions/v2"
)

//go:generate go tool pingogen main -o ../cmd/current-plugin

// Store is a store.Store.
type Store struct{ items sync.Map }

var _ store.Store = (*Store)(nil)

// New returns a Store.
//
//pingo:plugin
func New() *Store { return &Store{} }

// Put keeps an item.
func (s *Store) Put(_ context.Context, item store.Item) error {
	s.items.Store(item.Key, item)
	return nil
}

// Get returns an item.
func (s *Store) Get(_ context.Context, key string) (store.Item, error) {
	item, ok := s.items.Load(key)
	if !ok {
		return store.Item{}, fmt.Errorf("no item %s", key)
	}
	return item.(store.Item), nil
}

// Keys lists the keys with a prefix, sorted.
func (s *Store) Keys(_ context.Context, prefix string) ([]string, error) {
	var keys []string
	for key := range s.items.Range {
		if strings.HasPrefix(key.(string), prefix) {
			keys = append(keys, key.(string))
		}
	}
	slices.Sort(keys)
	return keys, nil
}
