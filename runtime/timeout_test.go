package pingo

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

func TestTimeoutEndsAsAContextDoes(t *testing.T) {
	type key struct{}
	for _, test := range []struct {
		name  string
		early bool // somebody asks when it ends before it does
		end   func(cancel context.CancelFunc, t *timeout)
		want  error
	}{
		{"deadline", true, func(context.CancelFunc, *timeout) { time.Sleep(time.Minute) }, context.DeadlineExceeded},
		{"deadline, asked late", false, func(context.CancelFunc, *timeout) { time.Sleep(time.Hour) }, context.DeadlineExceeded},
		{"caller", true, func(cancel context.CancelFunc, _ *timeout) { cancel() }, context.Canceled},
		{"caller, asked late", false, func(cancel context.CancelFunc, _ *timeout) { cancel() }, context.Canceled},
		{"end", true, func(_ context.CancelFunc, t *timeout) { t.end() }, context.Canceled},
		{"end, asked late", false, func(_ context.CancelFunc, t *timeout) { t.end() }, context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, 1))
				defer cancel()
				begun := time.Now()
				to := withDeadline(parent, clock.Now().After(time.Minute))
				defer to.end()
				at, has := to.Deadline()
				require.True(t, has)
				require.Equal(t, begun.Add(time.Minute), at)
				require.Equal(t, 1, to.Value(key{}))
				require.NoError(t, to.Err())
				require.True(t, to.MayEnd())
				left, limited := to.Left()
				require.True(t, limited)
				require.Equal(t, time.Minute, left)
				require.Nil(t, to.ending, "nobody has asked when it ends")
				if test.early {
					select {
					case <-to.Done():
						t.Fatal("it has ended")
					default:
					}
				}
				test.end(cancel, to)
				<-to.Done()
				require.ErrorIs(t, to.Err(), test.want)
			})
		})
	}
}
