// Package old implements the first version of the contract.
package old

import (
	"context"
	"fmt"
	"sync"

	store "github.com/pingogen/pingogen/examples/versions/v1"
)

//go:generate go tool pingogen main -o ../cmd/old-plugin

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
