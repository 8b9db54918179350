package memory

import (
	"context"
	"fmt"
	"maps"

	"github.com/pingogen/pingogen/examples/kv/kv"
)

// Apply implements kv.Store.
func (s *Store) Apply(_ context.Context, ops []kv.Operation) ([]kv.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := maps.Clone(s.items)
	outcomes := make([]kv.Outcome, 0, len(ops))
	for _, op := range ops {
		outcome, err := s.apply(items, op)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, outcome)
	}
	if len(items) > s.cfg.MaxItems {
		return nil, kv.QuotaError{What: "the store", Size: len(items), Max: s.cfg.MaxItems}
	}
	s.items = items
	close(s.changed)
	s.changed = make(chan struct{})
	return outcomes, nil
}

// apply carries out op on items.
func (s *Store) apply(items map[string]kv.Item, op kv.Operation) (kv.Outcome, error) {
	key := op.Item.Key
	old, existed := items[key]
	if op.If != nil && *op.If != old.Revision {
		return kv.Outcome{}, &kv.ConflictError{Key: key, Want: *op.If, Have: old.Revision}
	}
	switch op.Kind {
	case kv.Delete:
		delete(items, key)
		return kv.Outcome{Key: key, Existed: existed}, nil
	case kv.Put:
		if len(op.Item.Value) > s.cfg.MaxValue {
			return kv.Outcome{}, kv.QuotaError{What: key, Size: len(op.Item.Value), Max: s.cfg.MaxValue}
		}
		item := op.Item
		item.Revision = old.Revision + 1
		items[key] = item
		return kv.Outcome{Key: key, Revision: item.Revision, Existed: existed}, nil
	default:
		return kv.Outcome{}, fmt.Errorf("kv: operation %d is unknown", op.Kind)
	}
}
