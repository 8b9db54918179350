// Package store is the contract as it was once.
package store

import "context"

//go:generate go tool pingogen

// Store keeps texts by key.
//
//pingo:plugin
type Store interface {
	Put(ctx context.Context, item Item) error
	Get(ctx context.Context, key string) (Item, error)
}

// Item is a text and its key.
type Item struct {
	Key, Text string
}
