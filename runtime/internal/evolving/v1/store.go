// Package store is the first version of a contract that evolves. Tests let hosts
// and plugins of different versions work together.
package store

import (
	"context"
	"time"
)

//go:generate go tool pingogen

// Store is a contract with something of everything that may change.
//
//pingo:plugin
type Store interface {
	// Put has a struct as parameter.
	Put(ctx context.Context, item Item) (stored int, err error)
	// Get has a struct as result.
	Get(ctx context.Context, key string) (Item, error)
	// List has parameters and results to be added, removed and moved.
	List(ctx context.Context, prefix string, limit int32) ([]string, error)
	// Walk has a recursive type in both directions.
	Walk(ctx context.Context, root *Node) (*Node, error)
	// Watch has a struct behind a callback.
	Watch(ctx context.Context, to Watcher) error
	// Ping stays as it is.
	Ping(ctx context.Context, text string) (string, error)
	// Purge goes away.
	Purge(ctx context.Context) error
}

// Item is a struct whose fields come, go and move.
type Item struct {
	Key   string
	Value []byte
	Size  int32
	Old   map[string][]string
}

// Node contains itself.
type Node struct {
	Name     string
	Children []Node
	Seen     time.Time
}

// Watcher is told what happens.
type Watcher interface {
	Changed(ctx context.Context, item Item) error
}
