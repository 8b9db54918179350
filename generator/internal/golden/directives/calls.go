package directives

import (
	"context"
	"time"
)

// Calls says how it is called.
//
//pingo:plugin
type Calls interface {
	// Get can be repeated, and takes no longer than a while.
	//
	//pingo:idempotent
	//pingo:timeout 90s
	Get(ctx context.Context, key string) (string, error)

	//pingo:timeout 1h0m0.5s
	Deadline(ctx context.Context) (time.Duration, error)

	//pingo:oneway
	Log(text string) error

	//pingo:timeout 7ns
	Short() error

	Watch(ctx context.Context, w Watcher) error
}

// Watcher is called back.
type Watcher interface {
	//pingo:timeout 2h
	Deadline(ctx context.Context) (time.Duration, error)

	//pingo:oneway
	Seen(ctx context.Context, key string) error
}

// Counter has no errors.
//
//pingo:plugin failure=zero
type Counter interface {
	//pingo:oneway
	Add(n int)
}
