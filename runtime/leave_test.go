package pingo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// leaver says that it takes no more calls, and stays.
var _ = helper("leaver", func() {
	registerGreeter(greeter{})
	c, err := pingo.Greet()
	if err != nil {
		fail(err)
	}
	r := newRogue(c)
	r.say(frame.Drain, 0, 0, "")
	r.hearAll()
})

func TestPluginThatTakesNoCallsAndStays(t *testing.T) {
	defer pingo.SetLeaveTime(50 * time.Millisecond)()
	stoppedWith(t, "leaver", func(cfg *pingo.Config) { cfg.Restart, cfg.RestartBudget = pingo.RestartAlways, 1 }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		wait(t, "the end", p.Done())
		require.ErrorAs(t, p.Err(), new(*pingo.GaveUpError))
		require.ErrorContains(t, p.Err(), "the plugin takes no more calls, and does not end")
	})
}
