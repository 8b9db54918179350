// Package kv is the contract of a key-value store.
package kv

import (
	"context"
	"errors"
	"fmt"
	"time"
)

//go:generate go tool pingogen
//go:generate go tool pingogen conformance

// Store keeps items by key.
//
//pingo:plugin
type Store interface {
	// Get returns the item with the key, or ErrNotFound.
	Get(ctx context.Context, key string) (Item, error)
	// GetAll returns those of the keys that exist.
	GetAll(ctx context.Context, keys ...string) (map[string]Item, error)
	// Find returns the items that match q, sorted by key.
	Find(ctx context.Context, q Query) ([]Item, error)
	// Apply carries out all operations or none. It returns what became of each,
	// or a *ConflictError or a QuotaError.
	Apply(ctx context.Context, ops []Operation) ([]Outcome, error)
	// Wait returns the item with the key as soon as its revision is higher than after.
	Wait(ctx context.Context, key string, after Revision) (Item, error)
	// Stats describes the store.
	Stats(ctx context.Context) (Stats, error)
}

// ErrNotFound says that there is no item with that key.
var ErrNotFound = errors.New("kv: not found")

// ConflictError says that an operation expected another revision of an item.
type ConflictError struct {
	Key        string
	Want, Have Revision
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("kv: %s has revision %d, not %d", e.Key, e.Have, e.Want)
}

// QuotaError says that something would be larger than the store allows.
type QuotaError struct {
	What      string // "the store" or a key
	Size, Max int    // in items, or in bytes
}

func (e QuotaError) Error() string {
	return fmt.Sprintf("kv: %s would have the size %d, more than %d", e.What, e.Size, e.Max)
}

// Revision counts the changes of an item, from 1. No item has revision 0.
type Revision uint64

// Item is a value and what is known of it.
type Item struct {
	Key      string
	Value    []byte
	Labels   map[string]string
	Created  time.Time
	Expires  *time.Time // nil means never
	Revision Revision
}

// Query selects items. Its zero value selects all of them.
type Query struct {
	Prefix        string
	Labels        map[string]string // all of them, with these values
	CreatedBefore time.Time         // if it is not zero
	Limit         int               // if it is not zero
}

// Operation changes one item.
type Operation struct {
	Kind Kind
	Item Item      // of which Delete needs the Key only
	If   *Revision // the revision that the item must have, or nil
}

// Kind is what an Operation does.
type Kind int

// The kinds of operations.
const (
	Put Kind = iota
	Delete
)

// Outcome is what became of an Operation.
type Outcome struct {
	Key      string
	Revision Revision // 0 after Delete
	Existed  bool
}

// Stats describes a store.
type Stats struct {
	Items   int
	Bytes   int64
	Started time.Time
	Uptime  time.Duration
	Sizes   [4]int // values of less than 16, 256, 4096, and of more bytes
}
