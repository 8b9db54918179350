package pingo_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// stopped runs a scenario over each transport: it gets a plugin, started or not,
// and has it ended; nothing may remain.
func stopped(t *testing.T, name string, scenario func(t *testing.T, p *pingo.Plugin, rec *recorder)) {
	t.Helper()
	stoppedWith(t, name, func(*pingo.Config) {}, scenario)
}

func stoppedWith(t *testing.T, name string, change func(*pingo.Config), scenario func(t *testing.T, p *pingo.Plugin, rec *recorder)) {
	t.Helper()
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			skipUnlessHas(t, transport)
			check := nothingRemains(t)
			cfg, rec := setup(t, name)
			use(&cfg, transport)
			cfg.GracePeriod = 50 * time.Millisecond
			change(&cfg)
			p := pingo.New(cfg)
			t.Cleanup(func() { _ = p.Shutdown(ended()) }) // of what a failure leaves behind
			scenario(t, p, rec)
			wait(t, "the end", p.Done())
			check()
		})
	}
}

func TestStopBeforeStart(t *testing.T) {
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		within(t, "Stop", p.Stop)
		require.ErrorIs(t, p.Call("Lab.Echo", "x", nil), pingo.ErrStopped)
		p.Start()
		require.ErrorIs(t, p.Call("Lab.Echo", "x", nil), pingo.ErrStopped)
		rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 1 })
		_, errs, _ := rec.snapshot()
		require.ErrorContains(t, errs[0], "Start: the plugin was stopped; a new Plugin can be started in its place")
		require.NoError(t, p.Err())
	})
}

func TestStopWhileStarting(t *testing.T) {
	stopped(t, "idle", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		failed := make(chan error, 1)
		go func() { failed <- p.Call("Lab.Echo", "x", nil) }()
		within(t, "Stop", p.Stop)
		err := <-failed
		require.ErrorIs(t, err, pingo.ErrStopped)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	})
}

func TestStopWhenIdle(t *testing.T) {
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		within(t, "Stop", p.Stop)
		require.NoError(t, p.Err())
		err := p.Call("Lab.Echo", "x", nil)
		require.ErrorIs(t, err, pingo.ErrStopped, "Call after Stop")
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		_, err = p.Objects()
		require.ErrorIs(t, err, pingo.ErrStopped)
	})
}

func TestStopDuringACallThatHangs(t *testing.T) {
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		failed := make(chan error, 1)
		go func() { failed <- p.Call("Lab.Hang", 0, nil) }()
		rec.await("hanging")
		within(t, "Stop", p.Stop)
		err := <-failed
		require.ErrorIs(t, err, pingo.ErrStopped)
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		require.NoError(t, p.Err())
	})
}

func TestStopByMany(t *testing.T) {
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		var stops sync.WaitGroup
		for range 8 {
			stops.Go(p.Stop)
			stops.Go(func() { _ = p.Shutdown(t.Context()) })
		}
		within(t, "Stop by many", stops.Wait)
		within(t, "Stop once more", p.Stop)
	})
}

func TestStopOfTheDead(t *testing.T) {
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.Error(t, p.Call("Lab.Exit", 3, nil))
		wait(t, "the end", p.Done())
		within(t, "Stop", p.Stop)
		require.ErrorAs(t, p.Err(), new(*pingo.CrashError))
		require.ErrorAs(t, p.Call("Lab.Echo", "x", nil), new(*pingo.CrashError))
		p.Start()
		rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 2 })
	})
}

func TestStartAfterACrashSaysSo(t *testing.T) {
	cfg, rec := setup(t, "lab")
	p := start(t, cfg)
	require.Error(t, p.Call("Lab.Exit", 3, nil))
	wait(t, "the end", p.Done())
	p.Start()
	rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 2 })
	_, errs, _ := rec.snapshot()
	require.ErrorContains(t, errs[1], "Start: the plugin has ended and cannot be started again; make a new Plugin")
}

func TestStopOfWhatCannotStart(t *testing.T) {
	check := nothingRemains(t)
	for _, transport := range transports {
		if !has(transport) {
			continue
		}
		rec := newRecorder(t)
		cfg := pingo.Config{Path: "./no such file", ErrorHandler: rec}
		use(&cfg, transport)
		p := pingo.New(cfg)
		p.Start()
		err := p.Call("Lab.Echo", "x", nil)
		require.True(t, notFound(err), "%v", err)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		within(t, "Stop", p.Stop)
		require.True(t, notFound(p.Err()), "%v", p.Err())
	}
	check()
}

// notFound tells whether a program could not be found, in either system's words.
func notFound(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, exec.ErrNotFound)
}

// slow takes its time to exit, as programs with something to save do.
var _ = helper("slow", func() {
	pingo.Register(new(Lab))
	if err := pingo.Serve(context.Background()); err != nil {
		fail(err)
	}
	os.Stdout.WriteString("saved\n")
})

func TestServeReturnsSoThatThePluginCanCleanUp(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "slow")
		use(&cfg, transport)
		p := start(t, cfg)
		require.NoError(t, p.Ready(t.Context()))
		within(t, "Stop", p.Stop)
		lines, errs, _ := rec.snapshot()
		require.Equal(t, []string{"saved"}, lines, "all output is delivered before Stop returns")
		require.Empty(t, errs)
	})
}

// stubborn never exits by itself.
var _ = helper("stubborn", func() {
	ignoreTermination()
	pingo.Register(new(Lab))
	_ = pingo.Serve(context.Background())
	time.Sleep(time.Hour)
})

func TestStopOfThePluginThatDoesNotExit(t *testing.T) {
	stopped(t, "stubborn", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		within(t, "Stop", p.Stop)
		require.NoError(t, p.Err())
	})
}

func TestShutdownKillsWhenItsContextEnds(t *testing.T) {
	cfg, rec := setup(t, "stubborn")
	p := start(t, cfg) // with a GracePeriod longer than this test may take
	failed := make(chan error, 1)
	go func() { failed <- p.Call("Lab.Hang", 0, nil) }()
	rec.await("hanging")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	within(t, "Shutdown", func() { require.ErrorIs(t, p.Shutdown(ctx), context.Canceled) })
	wait(t, "the end", p.Done())
	require.ErrorIs(t, <-failed, pingo.ErrStopped)
}

var _ = helper("delay", func() {
	registerGreeter(delay{})
	fail(pingo.Run())
})

// delay finishes a call some time after it began.
type delay struct{ greeter }

func (delay) Meet(_ context.Context, name string) (string, error) {
	os.Stdout.WriteString("meeting\n")
	time.Sleep(100 * time.Millisecond) // the work that is under way when Stop comes
	return "met " + name, nil
}

func TestCallsInFlightFinishBeforeTheEnd(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "delay")
		use(&cfg, transport)
		p := start(t, cfg)
		g := newGreeterClient(p)
		type result struct {
			msg string
			err error
		}
		met := make(chan result, 1)
		go func() {
			msg, err := g.Meet(t.Context(), "you")
			met <- result{msg, err}
		}()
		rec.await("meeting")
		within(t, "Stop", p.Stop)
		require.Equal(t, result{"met you", nil}, <-met)
	})
}

func TestStopFromTheErrorHandler(t *testing.T) {
	cfg, _ := setup(t, "lab")
	h := &stopper{printed: make(chan struct{})}
	cfg.ErrorHandler = h
	h.plugin = pingo.New(cfg)
	h.plugin.Start()
	_ = h.plugin.Call("Lab.Print", "stop me\n", nil)
	wait(t, "Stop in Print", h.printed)
	wait(t, "the end", h.plugin.Done())
}

// stopper stops the plugin when it prints.
type stopper struct {
	plugin  *pingo.Plugin
	printed chan struct{}
}

func (*stopper) Error(error) {}

func (h *stopper) Print(any) {
	h.plugin.Stop()
	close(h.printed)
}
