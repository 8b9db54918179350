package transport

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

func TestGivenAwayUntilThere(t *testing.T) {
	var g giver
	asked := 0
	require.Eventually(t, func() bool { // unless it takes long, since the machine is busy
		g, asked = giver{}, 0
		return g.give(func() bool { asked++; return asked == maxGives })
	}, time.Minute, time.Millisecond)
	require.Equal(t, maxGives, asked)
}

func TestGivenAwayInVain(t *testing.T) {
	never := func() bool { return false }
	var g giver
	require.Eventually(t, func() bool {
		g = giver{}
		return !g.give(never) && g.long == 0
	}, time.Minute, time.Millisecond)
	require.False(t, g.give(func() bool { t.Error("given away although that was in vain a moment ago"); return true }))
}

// Who computes on the same processor keeps it for a whole time slice.
func TestNotGivenToWhoKeepsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func() bool { time.Sleep(2 * longGive); return true }
		var g giver
		for n := range uint(maxRest + 3) {
			g.until = clock.Now()
			require.True(t, g.give(slow), "what is there was not found")
			require.Equal(t, min(n+1, maxRest), g.long, "the rest does not grow")
			require.False(t, g.give(func() bool { t.Error("given away although that took long"); return true }))
		}
	})
}
