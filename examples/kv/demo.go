package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pingogen/pingogen/examples/kv/kv"
)

// demo uses a store, without knowing that it lives in another process.
func demo(ctx context.Context, store kv.Store) error {
	for _, step := range []func(context.Context, kv.Store) error{fill, read, conflict, overfill, wait, describe} {
		if err := step(ctx, store); err != nil {
			return err
		}
	}
	return nil
}

func fill(ctx context.Context, store kv.Store) error {
	created := time.Date(2009, time.November, 10, 23, 0, 0, 0, time.UTC)
	expires := created.AddDate(100, 0, 0)
	outcomes, err := store.Apply(ctx, []kv.Operation{
		put(kv.Item{Key: "animal/gopher", Value: []byte("digs"), Labels: map[string]string{"legs": "4"}, Created: created}),
		put(kv.Item{Key: "animal/heron", Value: []byte("wades"), Labels: map[string]string{"legs": "2"}, Created: created.AddDate(1, 0, 0)}),
		put(kv.Item{Key: "mineral/agate", Value: []byte{}, Created: created, Expires: &expires}),
	})
	fmt.Printf("apply: %v\n", outcomes)
	return err
}

func read(ctx context.Context, store kv.Store) error {
	agate, err := store.Get(ctx, "mineral/agate")
	if err != nil {
		return err
	}
	fmt.Printf("get: %s expires in %d, has %d labels\n", agate.Key, agate.Expires.Year(), len(agate.Labels))

	found, err := store.Find(ctx, kv.Query{Prefix: "animal/", Labels: map[string]string{"legs": "2"}})
	if err != nil {
		return err
	}
	for _, item := range found {
		fmt.Printf("find: %s %s since %s\n", item.Key, item.Value, item.Created.Format(time.DateOnly))
	}

	items, err := store.GetAll(ctx, "animal/gopher", "animal/yeti")
	if err != nil {
		return err
	}
	fmt.Printf("get all: %d of 2\n", len(items))

	_, err = store.Get(ctx, "animal/yeti")
	fmt.Printf("get: %v; not found: %t\n", err, errors.Is(err, kv.ErrNotFound))
	return nil
}

// conflict shows that a batch is carried out as a whole or not at all, and that
// an error arrives with its type and fields.
func conflict(ctx context.Context, store kv.Store) error {
	expected := kv.Revision(7)
	_, err := store.Apply(ctx, []kv.Operation{
		{Kind: kv.Delete, Item: kv.Item{Key: "animal/heron"}},
		{Kind: kv.Delete, Item: kv.Item{Key: "animal/gopher"}, If: &expected},
	})
	if conflict, ok := errors.AsType[*kv.ConflictError](err); ok {
		fmt.Printf("apply: %v; have revision %d\n", err, conflict.Have)
		return nil
	}
	return fmt.Errorf("a conflict went unnoticed: %w", err)
}

func overfill(ctx context.Context, store kv.Store) error {
	_, err := store.Apply(ctx, []kv.Operation{put(kv.Item{Key: "vegetable/leek"})})
	if quota, ok := errors.AsType[kv.QuotaError](err); ok {
		fmt.Printf("apply: %v; %d too many\n", err, quota.Size-quota.Max)
		return nil
	}
	return fmt.Errorf("too many items went unnoticed: %w", err)
}

// wait shows that a deadline holds on both sides.
func wait(ctx context.Context, store kv.Store) error {
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := store.Wait(short, "animal/gopher", 1)
	fmt.Printf("wait: deadline exceeded: %t\n", errors.Is(err, context.DeadlineExceeded))

	got := make(chan error, 1)
	go func() {
		item, err := store.Wait(ctx, "animal/gopher", 1)
		fmt.Printf("wait: %s %s\n", item.Key, item.Value)
		got <- err
	}()
	if _, err := store.Apply(ctx, []kv.Operation{put(kv.Item{Key: "animal/gopher", Value: []byte("rests")})}); err != nil {
		return err
	}
	return <-got
}

func describe(ctx context.Context, store kv.Store) error {
	stats, err := store.Stats(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("stats: %d items, %d bytes, sizes %v, started: %t\n",
		stats.Items, stats.Bytes, stats.Sizes, !stats.Started.IsZero() && stats.Uptime > 0)
	return nil
}

func put(item kv.Item) kv.Operation { return kv.Operation{Kind: kv.Put, Item: item} }
