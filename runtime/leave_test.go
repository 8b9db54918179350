package pingo_test

import (
	"context"
	"fmt"
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

// older takes no part in what was agreed on later, and says what it hears.
var _ = helper("older", func() {
	registerGreeter(greeter{})
	c, err := pingo.GreetAsOlder()
	if err != nil {
		fail(err)
	}
	r := newRogue(c)
	for {
		h, err := r.next()
		if err != nil {
			return
		}
		fmt.Printf("%v %#x\n", h.Kind, uint8(h.Flags))
		if h.Kind == frame.Drain {
			r.say(frame.DrainAck, 0, 0, "")
		}
	}
})

func TestStopOfAnOlderPlugin(t *testing.T) {
	stoppedWith(t, "older", func(cfg *pingo.Config) { cfg.GracePeriod = patience }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		within(t, "Stop", p.Stop)
		lines, errs, _ := rec.snapshot()
		require.Equal(t, []string{"Drain 0x0"}, lines)
		require.Empty(t, errs)
	})
}

// The host of capture has not said that it knows anything.
func TestOlderHostStopsItsPlugin(t *testing.T) {
	r, output := capture(t, "greeter", false)
	r.say(frame.Drain, 0, 0, "")
	h, err := r.next()
	require.NoError(t, err)
	require.Equal(t, frame.Header{Kind: frame.DrainAck}, h)
	require.NoError(t, r.Close())
	require.Empty(t, output())
}

// departer is a greeter that ends its plugin.
type departer struct {
	greeter
	end func()
}

func (d departer) SayHello(ctx context.Context, name string) (string, error) {
	d.end()
	return d.greeter.SayHello(ctx, name)
}

var _ = helper("departer", func() {
	ctx, cancel := context.WithCancel(context.Background())
	registerGreeter(departer{end: cancel})
	if err := pingo.Serve(ctx); err != nil {
		fail(err)
	}
})

// A plugin that ends by itself may log meanwhile, so that its Drain is not the last it says.
func TestPluginThatEndsByItselfIsHeard(t *testing.T) {
	r, output := capture(t, "departer", false)
	defer r.Close()
	r.say(frame.Call, 0, 1, greet)
	for {
		h, err := r.next()
		require.NoError(t, err)
		if h.Kind == frame.Drain {
			require.Zero(t, h.Flags)
			break
		}
	}
	r.say(frame.DrainAck, 0, 0, "")
	require.Empty(t, output())
}
