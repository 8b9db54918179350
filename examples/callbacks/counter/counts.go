package counter

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/examples/callbacks/words"
)

// Counts is a words.Counts.
type Counts struct {
	counter *Counter
	words   map[string]int
}

// Words yields the words with a prefix, sorted.
func (c *Counts) Words(_ context.Context, prefix string) (iter.Seq2[words.Word, error], error) {
	return func(yield func(words.Word, error) bool) {
		for _, text := range slices.Sorted(maps.Keys(c.words)) {
			if strings.HasPrefix(text, prefix) && !yield(words.Word{Text: text, Count: c.words[text]}, nil) {
				return
			}
		}
	}, nil
}

// Export writes all words, one a line.
func (c *Counts) Export(_ context.Context, w io.Writer) error {
	for _, text := range slices.Sorted(maps.Keys(c.words)) {
		if _, err := fmt.Fprintf(w, "%s %d\n", text, c.words[text]); err != nil {
			return err
		}
	}
	return nil
}

// Merge adds other to a copy of the counts. It may be from anywhere.
func (c *Counts) Merge(ctx context.Context, other words.Counts) (words.Counts, error) {
	sum := &Counts{counter: c.counter, words: maps.Clone(c.words)}
	all, err := other.Words(ctx, "")
	if err != nil {
		return nil, err
	}
	for word, err := range all {
		if err != nil {
			return nil, err
		}
		sum.words[word.Text] += word.Count
	}
	_, own := other.(*Counts)
	return sum, c.counter.logf(ctx, "merged counts, which are this plugin's own: %t", own)
}

// Close frees the counts.
func (c *Counts) Close() error {
	c.words = nil
	return c.counter.logf(context.Background(), "closed counts")
}
