// Package counter is the contract between the host and its plugins.
package counter

import "context"

//go:generate go tool pingogen

// Counter keeps sums by key.
//
//pingo:plugin
type Counter interface {
	// Put adds value to the sum of key, by a helper that the host lends.
	Put(ctx context.Context, key string, value int64, helper AddHelper) error
	// Get returns the sum of key.
	Get(ctx context.Context, key string) (int64, error)
}

// AddHelper adds. It stays in the host: the plugin calls it there.
type AddHelper interface {
	Sum(ctx context.Context, a, b int64) (int64, error)
}
