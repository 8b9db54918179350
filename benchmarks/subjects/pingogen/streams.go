package main

import (
	"context"
	"io"
	"iter"
)

// streams is the plugin's side of what has no counterpart in most peers.
type streams struct{}

func (streams) Read(_ context.Context, size int64) (io.Reader, error) {
	return io.LimitReader(zeros{}, size), nil
}

func (streams) Write(_ context.Context, r io.Reader) (int64, error) {
	return io.Copy(io.Discard, r)
}

func (streams) Items(_ context.Context, n int64) (iter.Seq2[int64, error], error) {
	return items(n), nil
}

func (streams) Count(_ context.Context, items iter.Seq2[int64, error]) (n int64, err error) {
	for _, err := range items {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (streams) Timed(ctx context.Context, key string, n int64) (string, error) {
	return service{}.Small(ctx, key, n)
}

func (streams) Callback(ctx context.Context, n int, f func(ctx context.Context, key string, n int64) (string, error)) error {
	for range n {
		if _, err := f(ctx, "sixteen-bytes-ab", int64(n)); err != nil {
			return err
		}
	}
	return nil
}

// zeros is a reader without an end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func items(n int64) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
	}
}
