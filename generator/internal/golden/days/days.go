// Package days carries a type for which the generator has a way of its own.
package days

import (
	"context"
	"time"
)

// Days passes days, and no hours.
//
//pingo:plugin
type Days interface {
	Next(ctx context.Context, of []time.Time) (map[string]time.Time, error)
}

//pingo:codec
func encodeDay(t time.Time) ([]byte, error) { return []byte(t.Format(time.DateOnly)), nil }

//pingo:codec
func decodeDay(b []byte) (time.Time, error) { return time.Parse(time.DateOnly, string(b)) }
