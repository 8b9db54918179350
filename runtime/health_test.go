package pingo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// ailing is a greeter and an object that are well until a file is there.
type ailing struct{ greeter }

func (ailing) Health(ctx context.Context) error {
	if _, err := os.Stat(os.Args[1]); err != nil {
		return nil
	}
	if _, err := os.Stat(os.Args[1] + ".slow"); err == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return errors.New("it hurts")
}

var _ = helper("ailing", func() {
	pingo.Register((&codec.Service{
		Contract: &greeterContract,
		Handlers: []codec.Handler{adapt(ailing{}.Meet), adapt(ailing{}.SayHello)},
	}).WithHealth(ailing{}))
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

func TestPluginThatIsNotWellIsEnded(t *testing.T) {
	for _, slow := range []bool{false, true} {
		file := t.TempDir() + "/ill"
		cfg, _ := setup(t, "ailing", file)
		cfg.ProbeInterval, cfg.ProbeMisses = 400*time.Millisecond, 2
		p := start(t, cfg)
		require.NoError(t, p.Ready(t.Context()))
		objects, err := p.Objects()
		require.NoError(t, err)
		require.Equal(t, []string{"Greeter", "Lab"}, objects)
		if slow {
			require.NoError(t, os.WriteFile(file+".slow", nil, 0o600))
		}
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		wait(t, "the end", p.Done())
		require.ErrorIs(t, p.Err(), pingo.ErrUnhealthy)
		if slow {
			require.ErrorIs(t, p.Err(), context.DeadlineExceeded)
		} else {
			require.ErrorContains(t, p.Err(), "the plugin is not well, as it has said 2 times, 400ms apart: it hurts")
		}
	}
}

// well is an object in the style of net/rpc with an opinion.
type Well struct{}

func (Well) Health(context.Context) error { fmt.Println("well"); return nil }

func (Well) Be(int, *int) error { return nil }

var _ = helper("well", func() {
	pingo.Register(Well{})
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

func TestSlowMethodIsNoReasonToEnd(t *testing.T) {
	cfg, rec := setup(t, "well")
	cfg.ProbeInterval, cfg.ProbeMisses = 100*time.Millisecond, 10
	p := start(t, cfg)
	go func() { _ = p.Call("Lab.Hang", 0, nil) }()
	rec.await("hanging")
	rec.awaitFunc(func(lines []string, _ []error) bool { return len(lines) > 12 })
	require.NoError(t, p.Call("Well.Be", 0, nil))
	require.NoError(t, p.Err())
	require.Error(t, p.Shutdown(ended()))
}

// ended is a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestNoProbes(t *testing.T) {
	cfg, rec := setup(t, "well")
	cfg.ProbeInterval = -1
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	within(t, "Stop", p.Stop)
	lines, _, _ := rec.snapshot()
	require.Empty(t, lines)
}

// A process that is not well in time is not swapped in, and the error says what it was asked.
func TestSwapThatIsLateWithItsHealth(t *testing.T) {
	file := t.TempDir() + "/ill"
	cfg, _ := setup(t, "ailing", file)
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	require.NoError(t, os.WriteFile(file+".slow", nil, 0o600))
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	pingo.SetStartTimeout(p, 300*time.Millisecond)
	for late := time.Now().Add(patience); ; { // on a busy machine the start itself may be late
		err := p.Swap(t.Context(), cfg.Path)
		require.ErrorAs(t, err, new(pingo.ErrRegistrationTimeout))
		if time.Now().After(late) || !strings.Contains(err.Error(), "was not ready") {
			require.ErrorContains(t, err, "the plugin did not start: it runs, but its Health method has not returned within 300ms; have Health return when its context ends")
			break
		}
	}
}
