// Package store is the second version of the contract: fields, parameters,
// results and a method are new, and fields have moved.
package store

import (
	"context"
	"math/big"
	"time"
)

//go:generate go tool pingogen

// Store is a contract with something of everything that may change.
//
//pingo:plugin
type Store interface {
	Put(ctx context.Context, item Item, overwrite bool) (stored int, previous *Item, err error)
	Get(ctx context.Context, key string) (Item, error)
	List(ctx context.Context, limit int32, prefix string, order Order) (keys []string, more bool, err error)
	Walk(ctx context.Context, root *Node) (*Node, error)
	Ping(ctx context.Context, text string) (string, error)
	Purge(ctx context.Context) error
	// Count is new.
	Count(ctx context.Context) (int, error)
}

// Order is new.
type Order struct{ Descending bool }

// Item has lost Old, has got Labels, Expires and Price, and Size has moved.
type Item struct {
	Size    int32
	Key     string
	Labels  map[string]string
	Value   []byte
	Expires time.Time
	Price   *big.Int
	Weight  big.Int
}

// Node has its fields in another order, and a new one.
type Node struct {
	Children []Node
	Name     string
	Depth    int
	Seen     time.Time
}
