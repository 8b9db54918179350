package pingo_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestSwap(t *testing.T) {
	path := executables(t, "one", "two")
	var d *diary
	stoppedWith(t, "variant", func(cfg *pingo.Config) {
		d = new(diary)
		cfg.Path, cfg.Events = path("one"), d.write
		cfg.Restart, cfg.RestartDelay = pingo.RestartOnFailure, time.Millisecond
	}, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		g := newGreeterClient(p)
		p.Start()
		says := func(want string) {
			t.Helper()
			msg, err := g.SayHello(t.Context(), "x")
			require.NoError(t, err)
			require.Equal(t, want, msg)
		}
		says("one")
		require.NoError(t, p.Swap(t.Context(), path("two")))
		says("two")
		require.True(t, strings.HasPrefix(p.String(), path("two")))
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		says("two")
		require.NoError(t, p.Swap(t.Context(), path("one")))
		says("one")
		within(t, "Stop", p.Stop)
		require.Equal(t, "Started Ready Started Swapped Crashed Restarting Started Ready Started Swapped Stopped", d.kinds())
		events := d.read()
		one, two := events[0].(pingo.EventStarted).Pid, events[2].(pingo.EventStarted).Pid
		swapped := events[3].(pingo.EventSwapped)
		require.Equal(t, []any{path("one"), one, two}, []any{swapped.From, swapped.FromPid, swapped.Pid})
		require.ErrorIs(t, p.Swap(t.Context(), path("one")), pingo.ErrStopped)
		require.EqualError(t, p.Swap(t.Context(), ""), "plugin "+p.String()+": Swap: no path of an executable was given")
	})
}

func TestSwapThatFailsIsRolledBack(t *testing.T) {
	path := executables(t, "one", "differs", "exits", "silent", "ill", "stranger")
	for name, check := range map[string]func(t *testing.T, err error){
		"differs": func(t *testing.T, err error) { require.ErrorAs(t, err, new(*pingo.ContractError)) },
		"exits": func(t *testing.T, err error) {
			require.ErrorContains(t, err, "the plugin did not start: it exited with status 7 before it was ready; see what it wrote")
		},
		"silent": func(t *testing.T, err error) { require.ErrorIs(t, err, context.DeadlineExceeded) },
		"ill": func(t *testing.T, err error) {
			require.ErrorIs(t, err, pingo.ErrUnhealthy)
			require.ErrorContains(t, err, "it hurts")
		},
		"stranger": func(t *testing.T, err error) {
			require.ErrorIs(t, err, pingo.ErrUnimplemented)
			require.ErrorContains(t, err, "the new plugin does not register Greeter")
		},
		"missing": func(t *testing.T, err error) { require.ErrorIs(t, err, os.ErrNotExist) },
	} {
		t.Run(name, func(t *testing.T) {
			check0 := nothingRemains(t)
			cfg, rec := setup(t, "variant")
			cfg.Path = path("one")
			p := pingo.New(cfg)
			require.ErrorIs(t, p.Swap(t.Context(), path("one")), pingo.ErrNotStarted)
			p.Start()
			g := newGreeterClient(p)
			var before, after int
			require.NoError(t, p.Call("Lab.Pid", 0, &before))
			_, err := g.SayHello(t.Context(), "a client that was made after the start is compared, too")
			require.NoError(t, err)
			ctx := t.Context()
			if name == "silent" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 500*time.Millisecond)
				defer cancel()
			}
			err = p.Swap(ctx, path(name))
			check(t, err)
			require.ErrorContains(t, err, "it was not swapped for "+path(name))
			require.NoError(t, p.Call("Lab.Pid", 0, &after))
			require.Equal(t, before, after)
			require.True(t, strings.HasPrefix(p.String(), path("one")))
			within(t, "Stop", p.Stop)
			_, errs, _ := rec.snapshot()
			require.Empty(t, errs)
			check0()
		})
	}
}

// A client counts from when it is made, also if it has not called the process that runs.
func TestSwapComparesAllClients(t *testing.T) {
	path := executables(t, "one", "two", "differs", "stranger")
	stoppedWith(t, "variant", func(cfg *pingo.Config) { cfg.Path = path("one") }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		require.NoError(t, p.Swap(t.Context(), path("stranger")), "there is no client yet")
		require.NoError(t, p.Swap(t.Context(), path("one")))
		newGreeterClient(p)
		for range 2 {
			require.ErrorAs(t, p.Swap(t.Context(), path("differs")), new(*pingo.ContractError))
			require.ErrorIs(t, p.Swap(t.Context(), path("stranger")), pingo.ErrUnimplemented)
			require.NoError(t, p.Swap(t.Context(), path("two")))
		}
		within(t, "Stop", p.Stop)
	})
}

func TestSwapEndsTheWaitForARestart(t *testing.T) {
	path := executables(t, "one", "two")
	stoppedWith(t, "variant", func(cfg *pingo.Config) {
		cfg.Path = path("one")
		cfg.Restart, cfg.RestartDelay, cfg.RestartMaxDelay = pingo.RestartOnFailure, time.Hour, time.Hour
	}, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		g := newGreeterClient(p)
		p.Start()
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		require.NoError(t, p.Swap(t.Context(), path("two")))
		msg, err := g.SayHello(t.Context(), "x")
		require.NoError(t, err)
		require.Equal(t, "two", msg)
		within(t, "Stop", p.Stop)
	})
}

// A new process that ends before calls go to it is not waited for.
func TestSwapForAPluginThatDoesNotLast(t *testing.T) {
	path := executables(t, "one", "fleeting")
	stoppedWith(t, "variant", func(cfg *pingo.Config) { cfg.Path = path("one") }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		before := pidOf(t, p)
		within(t, "Swap", func() {
			err := p.Swap(context.Background(), path("fleeting"))
			var crash *pingo.CrashError
			require.ErrorAs(t, err, &crash)
			require.Equal(t, 7, crash.ExitCode)
		})
		require.Equal(t, before, pidOf(t, p))
		within(t, "Stop", p.Stop)
	})
}

// Clients are compared also with what is swapped in while no process runs.
func TestSwapDuringARestartComparesClients(t *testing.T) {
	path := executables(t, "one", "two", "differs", "stranger")
	stoppedWith(t, "variant", func(cfg *pingo.Config) {
		cfg.Path = path("one")
		cfg.Restart, cfg.RestartDelay, cfg.RestartMaxDelay = pingo.RestartOnFailure, time.Hour, time.Hour
	}, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		newGreeterClient(p)
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 1 })
		require.ErrorAs(t, p.Swap(t.Context(), path("differs")), new(*pingo.ContractError))
		require.ErrorIs(t, p.Swap(t.Context(), path("stranger")), pingo.ErrUnimplemented)
		require.NoError(t, p.Swap(t.Context(), path("two")))
		within(t, "Stop", p.Stop)
	})
}
