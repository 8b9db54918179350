package supervise

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var policy = Policy{Delay: 100 * time.Millisecond, MaxDelay: time.Second, Window: time.Minute, Budget: 5}

var errFailed = errors.New("failed")

func TestBackoffDoublesUpToItsMaximum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Failures
		require.Zero(t, f.Backoff(policy, 1))
		for _, want := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
			f.Add(policy, time.Now(), errFailed)
			require.Equal(t, want*time.Millisecond, f.Backoff(policy, 1))
			require.Equal(t, want*time.Millisecond/2, f.Backoff(policy, 0), "jitter takes half at most")
			time.Sleep(f.Backoff(policy, 1))
		}
	})
}

func TestFailuresFade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Failures
		for range 1000 { // one at a time is put up with for ever
			f.Add(policy, time.Now(), errFailed)
			require.False(t, f.Exhausted(policy))
			require.Equal(t, policy.Delay, f.Backoff(policy, 1))
			require.Len(t, f, 1)
			time.Sleep(policy.Window)
		}
		for range 1000 { // and so are a few that come again and again: 5 + 4/5 + ... would be too many, 1 + 2/3 + 1/3 are not
			f.Add(policy, time.Now(), errFailed)
			require.False(t, f.Exhausted(policy))
			require.LessOrEqual(t, len(f), 3)
			time.Sleep(policy.Window / 3)
		}
	})
}

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Failures
		for range 5 {
			f.Add(policy, time.Now(), errFailed)
			require.False(t, f.Exhausted(policy))
		}
		time.Sleep(policy.Window / 2) // half of each is left
		for range 2 {
			f.Add(policy, time.Now(), errFailed)
			require.False(t, f.Exhausted(policy))
		}
		f.Add(policy, time.Now(), errFailed)
		require.True(t, f.Exhausted(policy), "2.5 and 3 are more than 5")
		require.Len(t, f, 8, "the history has all that count")

		none := policy
		none.Budget = 0
		f = nil
		require.False(t, f.Exhausted(none))
		f.Add(none, time.Now(), errFailed)
		require.True(t, f.Exhausted(none))
	})
}

func TestWithoutABudgetHistoryIsBounded(t *testing.T) {
	endless := policy
	endless.Budget = -1
	var f Failures
	now := time.Now()
	for i := range 10_000 {
		f.Add(endless, now.Add(time.Duration(i)), errFailed)
		require.False(t, f.Exhausted(endless))
	}
	require.Len(t, f, maxHistory)
	require.Equal(t, now.Add(9_999), f[maxHistory-1].Time)
	require.Equal(t, endless.MaxDelay, f.Backoff(endless, 1))
}
