package pingo

import (
	"context"
	"sync"
	"time"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// queue hands values to a function, one at a time and in their order, on a
// goroutine that runs while there are any. Who adds one does not wait.
type queue[T any] struct {
	handle func(T)

	mu      sync.Mutex // protects following
	pending []T
	idle    chan struct{} // closed by work when nothing is pending; nil while nothing is
}

func (q *queue[T]) add(v T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.addLocked(v)
}

func (q *queue[T]) addLocked(v T) {
	q.pending = append(q.pending, v)
	if q.idle == nil {
		q.idle = make(chan struct{})
		go q.work()
	}
}

// work runs until nothing is pending.
func (q *queue[T]) work() {
	for {
		list := q.take()
		if list == nil {
			return
		}
		for _, v := range list {
			q.handle(v)
		}
	}
}

func (q *queue[T]) take() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.pending
	q.pending = nil
	if list == nil {
		close(q.idle)
		q.idle = nil
	}
	return list
}

// wait returns once everything is handed over, or after a while.
func (q *queue[T]) wait(atMost time.Duration) {
	q.mu.Lock()
	idle := q.idle
	q.mu.Unlock()
	if idle != nil {
		clock.Wait(context.Background(), idle, atMost)
	}
}
