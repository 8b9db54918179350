package main

import (
	"context"
	"fmt"
	"io"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
)

// Stream implements echo.Streamer.
func (h *host) Stream(size int64) error {
	r, err := h.streams.Read(context.Background(), size)
	if err != nil {
		return err
	}
	// io.Copy would do, but its buffer has 32 KiB.
	buf := make([]byte, 512<<10)
	return expect(size)(io.CopyBuffer(onlyWriter{io.Discard}, r, buf))
}

// onlyWriter hides that io.Discard brings a small buffer of its own.
type onlyWriter struct{ io.Writer }

func (h *host) Upload(size int64) error {
	return expect(size)(h.streams.Write(context.Background(), io.LimitReader(zeros{}, size)))
}

func (h *host) Items(n int64) error {
	seq, err := h.streams.Items(context.Background(), n)
	if err != nil {
		return err
	}
	return expect(n)(streams{}.Count(context.Background(), seq))
}

func (h *host) SendItems(n int64) error {
	return expect(n)(h.streams.Count(context.Background(), items(n)))
}

func (h *host) Callbacks(n int) error {
	return h.streams.Callback(context.Background(), n, service{}.Small)
}

func (h *host) Within(ctx context.Context, key string, n int64) (string, error) {
	return h.echo.Small(ctx, key, n)
}

func (h *host) Timed(key string, n int64) (string, error) {
	return h.streams.Timed(context.Background(), key, n)
}

var _ echo.Extras = (*host)(nil)

func expect(want int64) func(got int64, err error) error {
	return func(got int64, err error) error {
		if err == nil && got != want {
			err = fmt.Errorf("%d came, not %d", got, want)
		}
		return err
	}
}
