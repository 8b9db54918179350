package pingo_test

import (
	"context"
	"io"
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
		var b [frame.HeaderSize]byte
		_, err := io.ReadFull(r, b[:])
		require.NoError(t, err)
		h, err := frame.Parse(b[:])
		require.NoError(t, err)
		if h.Kind == frame.Drain {
			require.Zero(t, h.Flags)
			break
		}
		_, err = io.CopyN(io.Discard, r, int64(h.Length))
		require.NoError(t, err)
	}
	r.say(frame.DrainAck, 0, 0, "")
	require.Empty(t, output())
}
