package conn

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// Callers whose contexts end at any moment, with messages of any size, in both
// directions: whoever gets a reply gets its own, and the connection stays whole.
func TestCallersThatGiveUpAtAnyMoment(t *testing.T) {
	serve := Config{Lookup: echo.lookup}
	over(t, serve, serve, func(t *testing.T, h, p *Conn) {
		var calls sync.WaitGroup
		for i := range 32 {
			c := h
			if i%2 == 0 {
				c = p
			}
			calls.Go(func() {
				for range 30 {
					arg := strings.Repeat(string(rune('a'+i)), rand.IntN(100))
					if rand.IntN(10) == 0 {
						arg = strings.Repeat(arg, 3000)
					}
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(2_000_000)))
					got, fate, err := invoke(c, ctx, "echo", arg)
					cancel()
					switch {
					case err == nil && got != arg:
						t.Errorf("%d bytes came back for %d", len(got), len(arg))
					case err != nil && (!errors.Is(err, context.DeadlineExceeded) || fate == Executed):
						t.Errorf("fate %v, error %v", fate, err)
					}
				}
			})
		}
		calls.Wait()
		for _, c := range []*Conn{h, p} {
			if got, _, err := invoke(c, t.Context(), "echo", "whole"); err != nil || got != "whole" {
				t.Errorf("got %q, %v", got, err)
			}
		}
		if err := errors.Join(h.Drain(t.Context()), p.Drain(t.Context())); err != nil {
			t.Error(err)
		}
	})
}
