// Package contract is what pingogen generates the benchmark's own subject from.
package contract

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
)

//go:generate go tool pingogen

// Echo is what every subject serves.
//
//pingo:plugin
type Echo interface {
	Small(ctx context.Context, key string, n int64) (string, error)
	Records(ctx context.Context, records []echo.Record) ([]echo.Record, error)
	Bulk(ctx context.Context, b []byte) ([]byte, error)
	Pause(ctx context.Context, d time.Duration) error
}

// Streams is what has no counterpart in most peers.
//
//pingo:plugin
type Streams interface {
	// Read returns size bytes.
	Read(ctx context.Context, size int64) (io.Reader, error)
	// Write reads r to its end and returns how many bytes there were.
	Write(ctx context.Context, r io.Reader) (int64, error)
	// Items yields n small items.
	Items(ctx context.Context, n int64) (iter.Seq2[int64, error], error)
	// Count reads items to their end and returns how many there were.
	Count(ctx context.Context, items iter.Seq2[int64, error]) (int64, error)
	// Timed is Small with a deadline of its own.
	//
	//pingo:timeout 1h
	Timed(ctx context.Context, key string, n int64) (string, error)
	// Callback calls f n times with what Small is called with.
	Callback(ctx context.Context, n int, f func(ctx context.Context, key string, n int64) (string, error)) error
}
