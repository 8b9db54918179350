// Package words is the contract between the host and its plugins.
package words

import (
	"context"
	"io"
	"iter"
)

//go:generate go tool pingogen

// Counter counts words.
//
//pingo:plugin
type Counter interface {
	// Count reads text to its end and returns what it has found. It tells progress
	// how many bytes the words have so far, and stops when that returns an error.
	Count(ctx context.Context, text io.Reader, progress func(bytes int) error) (Counts, error)
	// UseLog has the counter tell log what it does. Nil stops that.
	UseLog(ctx context.Context, log Log) error
}

// Counts is what a Counter has found. It stays in the plugin until it is closed.
type Counts interface {
	// Words yields the words with a prefix, sorted.
	Words(ctx context.Context, prefix string) (iter.Seq2[Word, error], error)
	// Export writes all words, one a line.
	Export(ctx context.Context, w io.Writer) error
	// Merge returns the sum of two counts.
	Merge(ctx context.Context, other Counts) (Counts, error)
	// Close frees the counts.
	Close() error
}

// Word is a word and how often it was found.
type Word struct {
	Text  string
	Count int
}

// Log takes messages.
type Log interface {
	Log(ctx context.Context, message string) error
}
