// Package store is a version of the contract that fits none of the others.
package store

import "context"

//go:generate go tool pingogen

// Store is a contract that has changed too much.
//
//pingo:plugin
type Store interface {
	Put(ctx context.Context, item Item) (stored []int, err error)
	Get(ctx context.Context, key string) (*Item, error)
	Walk(ctx context.Context, root *Node) (*Node, error)
	Watch(ctx context.Context, to Watcher) error
	Ping(ctx context.Context, text string) (string, error)
}

// Item has a Size that is a text.
type Item struct {
	Key  string
	Size string
}

// Node has no slice of nodes, but one of pointers.
type Node struct {
	Name     string
	Children []*Node
}

// Watcher has got a method, and its old one another Item.
type Watcher interface {
	Changed(ctx context.Context, item Item) error
	Removed(ctx context.Context, key string) error
}
