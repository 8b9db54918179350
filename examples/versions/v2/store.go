// Package store is the contract as it is now: Keys is new, and so are an item's
// labels. Of a contract in one place there would be one package at a time; the
// example has both versions to build programs of each.
package store

import "context"

//go:generate go tool pingogen

// Store keeps texts by key.
//
//pingo:plugin
type Store interface {
	Put(ctx context.Context, item Item) error
	Get(ctx context.Context, key string) (Item, error)
	// Keys lists the keys with a prefix, sorted.
	Keys(ctx context.Context, prefix string) ([]string, error)
}

// Item is a text, its key and what is known of it.
type Item struct {
	Key    string
	Labels map[string]string
	Text   string
}
