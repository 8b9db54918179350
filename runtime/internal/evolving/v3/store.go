// Package store is the third version of the contract: Purge is gone, types have
// other names, and the integer that List takes is wider, so that a host of this
// version cannot use older plugins.
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
	Put(ctx context.Context, item Entry, overwrite bool) (stored int, err error)
	Get(ctx context.Context, name string) (Entry, error)
	List(ctx context.Context, limit int64, prefix string) (keys []string, more bool, err error)
	Walk(ctx context.Context, root *Node) (*Node, error)
	Ping(ctx context.Context, text string) (string, error)
	Count(ctx context.Context) (int, error)
}

// Entry was Item.
type Entry struct {
	Key    string
	Labels map[string]string
	Value  []byte
	Size   int32
}

// Node has lost a field.
type Node struct {
	Name     string
	Children []Node
	Seen     time.Time
}
