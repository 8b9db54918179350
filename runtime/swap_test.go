package pingo_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// variant is a plugin that is what its executable's name says.
var _ = helper("variant", func() {
	name, _, _ := strings.Cut(filepath.Base(os.Args[0]), ".")
	serve := func(c *codec.Contract) *codec.Service {
		handlers := make([]codec.Handler, len(c.Methods))
		for i := range handlers {
			handlers[i] = adapt(func(context.Context, string) (string, error) { return name, nil })
		}
		return &codec.Service{Contract: c, Handlers: handlers}
	}
	switch name {
	case "differs":
		pingo.Register(serve(&changed))
	case "exits":
		os.Exit(7)
	case "silent":
		time.Sleep(time.Hour)
	case "ill":
		pingo.Register(serve(&greeterContract).WithHealth(unwell{}))
	case "numb":
		pingo.Register(serve(&greeterContract).WithHealth(numb{}))
	case "well":
		pingo.Register(serve(&greeterContract).WithHealth(well{}))
	case "fleeting":
		pingo.Register(serve(&greeterContract).WithHealth(fleeting{}))
	case "stranger": // does not greet
	default:
		pingo.Register(serve(&greeterContract))
	}
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

type unwell struct{}

func (unwell) Health(context.Context) error { return fmt.Errorf("it hurts") }

// numb is asked, and does not answer.
type numb struct{}

func (numb) Health(context.Context) error {
	fmt.Println("asked")
	select {}
}

// well says so, and that it was asked.
type well struct{}

func (well) Health(context.Context) error { fmt.Println("asked"); return nil }

// fleeting ends when it is asked.
type fleeting struct{}

func (fleeting) Health(context.Context) error { os.Exit(7); return nil }

// executables returns where this test's binary is under other names.
func executables(t *testing.T, names ...string) func(name string) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	for _, name := range names {
		// Windows keeps every name of a file that runs, as this test does.
		if runtime.GOOS != "windows" && os.Link(self, filepath.Join(dir, name+".exe")) == nil {
			continue
		}
		binary, err := os.ReadFile(self)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".exe"), binary, 0o700))
	}
	return func(name string) string { return filepath.Join(dir, name+".exe") }
}

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
		require.Equal(t, path("one"), d.read()[3].(pingo.EventSwapped).From)
		require.ErrorIs(t, p.Swap(t.Context(), path("one")), pingo.ErrStopped)
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

// A hundred swaps under 64 callers lose no call, and none is answered by nobody knows whom.
func TestNoCallIsLostBySwaps(t *testing.T) {
	path := executables(t, "one", "two")
	swaps := 100
	if testing.Short() {
		swaps = 10
	}
	check := nothingRemains(t)
	cfg, rec := setup(t, "variant")
	cfg.Path = path("one")
	p := pingo.New(cfg)
	g := newGreeterClient(p)
	p.Start()
	var calls sync.WaitGroup
	var made atomic.Int64
	over := make(chan struct{})
	for range 64 {
		calls.Go(func() {
			for !t.Failed() {
				select {
				case <-over:
					return
				default:
				}
				msg, err := g.SayHello(t.Context(), "x")
				if err != nil || msg != "one" && msg != "two" {
					t.Error(msg, err)
					return
				}
				made.Add(1)
			}
		})
	}
	for i := range swaps {
		require.NoError(t, p.Swap(t.Context(), path([]string{"two", "one"}[i%2])))
	}
	close(over)
	within(t, "the callers", calls.Wait)
	require.Greater(t, made.Load(), int64(swaps))
	within(t, "Stop", p.Stop)
	_, errs, _ := rec.snapshot()
	require.Empty(t, errs)
	check()
}

func TestSwapLetsCallsFinish(t *testing.T) {
	stoppedWith(t, "way", func(cfg *pingo.Config) { cfg.GracePeriod = patience }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		path, _ := program(t, "way")
		c := pingo.Bind(p, &wayContract)
		p.Start()
		gate := filepath.Join(t.TempDir(), "gate")
		called := make(chan error, 1)
		go func() { called <- goes(t.Context(), c, "Once", "until:"+gate) }()
		rec.await("waiting")
		swapped := make(chan error, 1)
		var old, pid int
		require.NoError(t, p.Call("Lab.Pid", 0, &old))
		go func() { swapped <- p.Swap(t.Context(), path) }()
		eventually(t, "new calls go to the new process", func() string {
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			return fmt.Sprint(pid != old)
		}, "true")
		require.Empty(t, called)
		require.Empty(t, swapped)
		require.NoError(t, os.WriteFile(gate, nil, 0o600))
		require.NoError(t, <-called)
		require.NoError(t, <-swapped)

		ctx, cancel := context.WithCancel(t.Context())
		go func() { called <- goes(t.Context(), c, "Once", "until:"+gate+".never") }()
		rec.awaitFunc(func(lines []string, _ []error) bool { return strings.Count(strings.Join(lines, " "), "waiting") == 2 })
		require.NoError(t, p.Call("Lab.Pid", 0, &old))
		go func() { swapped <- p.Swap(ctx, path) }()
		eventually(t, "new calls go to the new process", func() string {
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			return fmt.Sprint(pid != old)
		}, "true")
		cancel()
		err := <-called
		require.ErrorIs(t, err, pingo.ErrSwapped)
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		require.NoError(t, <-swapped, "it is swapped nevertheless")
		within(t, "Stop", p.Stop)
	})
}

func TestReferencesEndWithASwap(t *testing.T) {
	stoppedWith(t, "keeper", func(*pingo.Config) {}, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		path, _ := program(t, "keeper")
		c := pingo.Bind(p, &keeperContract)
		p.Start()
		var old keeps
		require.NoError(t, c.CallContext(t.Context(), "Keeper.Open", &codec.Nothing{}, &old))
		was, err := old.pid(t.Context())
		require.NoError(t, err)
		ended := func() {
			t.Helper()
			_, err := old.pid(t.Context())
			require.ErrorIs(t, err, pingo.ErrSwapped)
			require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		}
		go func() { _ = p.Call("Lab.Hang", 0, nil) }()
		rec.await("hanging")
		patience, cancel := context.WithCancel(t.Context())
		defer cancel()
		swapped := make(chan error, 1)
		go func() { swapped <- p.Swap(patience, path) }()
		eventually(t, "new calls go to the new process", func() string {
			var pid int
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			return fmt.Sprint(pid != was)
		}, "true")
		eventually(t, "the old process takes leave", func() string { _, err := old.pid(t.Context()); return fmt.Sprint(err != nil) }, "true")
		ended()
		cancel()
		require.NoError(t, <-swapped)
		ended()
		within(t, "Stop", p.Stop)
	})
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

func TestStopWhileANewProcessIsAskedForItsHealth(t *testing.T) {
	path := executables(t, "one", "numb")
	stoppedWith(t, "variant", func(cfg *pingo.Config) { cfg.Path = path("one") }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		swapped := make(chan error, 1)
		go func() { swapped <- p.Swap(context.Background(), path("numb")) }()
		rec.await("asked")
		within(t, "Stop", p.Stop)
		require.ErrorIs(t, <-swapped, pingo.ErrStopped)
	})
}

func TestStopDuringASwap(t *testing.T) {
	path := executables(t, "one", "silent")
	stoppedWith(t, "variant", func(cfg *pingo.Config) { cfg.Path = path("one") }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		swapped := make(chan error, 1)
		go func() { swapped <- p.Swap(t.Context(), path("silent")) }()
		eventually(t, "it starts", func() string { return fmt.Sprint(len(strings.Fields(children(t))) != 1) }, "true")
		within(t, "Stop", p.Stop)
		require.ErrorIs(t, <-swapped, pingo.ErrStopped)
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

// A plugin that has ended for good does not wait longer than its grace for a process that was swapped out.
func TestEndWhileAnOldProcessHangs(t *testing.T) {
	path := executables(t, "one", "two")
	check := nothingRemains(t)
	cfg, rec := setup(t, "variant")
	cfg.Path, cfg.GracePeriod = path("one"), 50*time.Millisecond
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	hung, swapped := make(chan error, 1), make(chan error, 1)
	go func() { hung <- p.Call("Lab.Hang", 0, nil) }()
	rec.await("hanging")
	old := pidOf(t, p)
	go func() { swapped <- p.Swap(context.Background(), path("two")) }()
	eventually(t, "new calls go to the new process", func() string { return fmt.Sprint(pidOf(t, p) != old) }, "true")
	require.Error(t, p.Call("Lab.Exit", 1, nil))
	wait(t, "the end", p.Done())
	require.ErrorAs(t, p.Err(), new(*pingo.CrashError))
	require.ErrorIs(t, <-hung, pingo.ErrSwapped)
	require.NoError(t, <-swapped)
	check()
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
