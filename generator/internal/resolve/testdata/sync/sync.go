// Package sync has types for the goroutines of one process.
package sync

import (
	"sync"
	"sync/atomic"
)

//pingo:plugin
type Store interface {
	Put(item Item, p *Pointers, e Embedded) error
	Lock(mu *sync.Mutex) error
	Locks(locks map[string]*sync.RWMutex) error
	Locker(l sync.Locker) error
}

type Item struct {
	wg   sync.WaitGroup
	once sync.Once
	all  sync.Map
	n    atomic.Int64
	last atomic.Pointer[Item]
	kept sync.Pool `pingo:"-"`
}

type Pointers struct {
	*sync.RWMutex
	cond *sync.Cond
}

type Embedded struct{ sync.Mutex }
