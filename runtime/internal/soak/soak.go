// Package soak is a contract that has something of each kind that travels, for tests that
// run for long.
package soak

import (
	"context"
	"io"
	"iter"
)

//go:generate go tool pingogen

// Worker does work of which each result can be checked.
//
//pingo:plugin
type Worker interface {
	// Note writes the id down, once for each time that it runs, and returns it.
	Note(ctx context.Context, id string) (string, error)
	// Square returns the square of n.
	//
	//pingo:idempotent
	Square(ctx context.Context, n int) (int, error)
	// Count returns the numbers from 0 to n-1.
	Count(ctx context.Context, n int) (iter.Seq2[int, error], error)
	// Sum adds up what f returns for the numbers from 0 to n-1.
	Sum(ctx context.Context, n int, f func(int) (int, error)) (int, error)
	// Length reads to the end, and returns how many bytes there were.
	Length(ctx context.Context, r io.Reader) (int64, error)
	// Collect has the plugin let go of what it does not use any more.
	Collect(ctx context.Context) error
	// Open returns something that stays where it is.
	Open(ctx context.Context, start int) (Counter, error)
}

// Counter counts.
type Counter interface {
	// Next returns the next number.
	Next(ctx context.Context) (int, error)
	// Close ends it.
	Close() error
}
