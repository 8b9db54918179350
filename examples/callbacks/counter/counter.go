// Package counter counts words in memory. It knows nothing of plugins.
package counter

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/pingogen/pingogen/examples/callbacks/words"
)

//go:generate go tool pingogen main -o ../cmd/words-plugin

// Counter is a words.Counter.
type Counter struct {
	mu  sync.Mutex // protects following
	log words.Log
}

var _ words.Counter = (*Counter)(nil)

// New returns a Counter.
//
//pingo:plugin
func New() *Counter { return &Counter{} }

// UseLog sets where messages go.
func (c *Counter) UseLog(_ context.Context, log words.Log) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = log
	return nil
}

func (c *Counter) logf(ctx context.Context, format string, args ...any) error {
	c.mu.Lock()
	log := c.log
	c.mu.Unlock()
	if log == nil {
		return nil
	}
	return log.Log(ctx, fmt.Sprintf(format, args...))
}

// step is after how many words progress is told.
const step = 1000

// Count counts the words of text.
func (c *Counter) Count(ctx context.Context, text io.Reader, progress func(bytes int) error) (words.Counts, error) {
	counts := &Counts{counter: c, words: map[string]int{}}
	scanner := bufio.NewScanner(text)
	scanner.Split(bufio.ScanWords)
	n, bytes := 0, 0
	for scanner.Scan() {
		counts.words[scanner.Text()]++
		n++
		if bytes += len(scanner.Bytes()); n%step == 0 {
			if err := progress(bytes); err != nil {
				return nil, err
			}
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, err
	}
	return counts, c.logf(ctx, "counted %d words, %d of them different", n, len(counts.words))
}
