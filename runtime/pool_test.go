package pingo_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// pooled runs a scenario with a pool, and checks that nothing remains.
func pooled(t *testing.T, n int, name string, change func(*pingo.Config), scenario func(t *testing.T, p *pingo.Pool, rec *recorder)) {
	t.Helper()
	check := nothingRemains(t)
	cfg, rec := setup(t, name)
	cfg.GracePeriod = 50 * time.Millisecond
	if change != nil {
		change(&cfg)
	}
	p := pingo.NewPool(n, cfg)
	t.Cleanup(func() { _ = p.Shutdown(ended()) })
	scenario(t, p, rec)
	within(t, "Stop", p.Stop)
	check()
}

func pidOf(t *testing.T, c interface{ Call(string, any, any) error }) (pid int) {
	t.Helper()
	require.NoError(t, c.Call("Lab.Pid", 0, &pid))
	return pid
}

func TestCallsGoWhereThereAreFewest(t *testing.T) {
	const n = 4
	pooled(t, n, "lab", nil, func(t *testing.T, p *pingo.Pool, rec *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		seen := map[int]bool{}
		for range n {
			seen[pidOf(t, p)] = true
		}
		require.Len(t, seen, n, "all get their turn")

		ctx, cancel := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		for i := range n - 1 {
			calls.Go(func() { _ = p.CallContext(ctx, "Lab.Hang", 0, nil) })
			rec.awaitFunc(func(lines []string, _ []error) bool { return len(lines) == i+1 })
		}
		free := pidOf(t, p)
		for range 3 * n {
			require.Equal(t, free, pidOf(t, p))
		}
		cancel()
		calls.Wait()
		require.Equal(t, free, pidOf(t, p), "the others are still at it")
	})
}

func TestClientsOfAPool(t *testing.T) {
	pooled(t, 3, "both", func(cfg *pingo.Config) {
		cfg.Restart, cfg.RestartDelay = pingo.RestartOnFailure, time.Millisecond
	}, func(t *testing.T, p *pingo.Pool, _ *recorder) {
		g := newGreeterClient(p)
		p.Start()
		var calls sync.WaitGroup
		for range 16 {
			calls.Go(func() {
				for range 20 {
					if msg, err := g.SayHello(t.Context(), "pool"); err != nil || msg != "Hello, pool" {
						t.Error(msg, err)
					}
				}
			})
		}
		calls.Wait()
		require.Error(t, p.Plugins()[1].Call("Lab.Exit", 1, nil))
		msg, err := g.SayHello(t.Context(), "again")
		require.NoError(t, err)
		require.Equal(t, "Hello, again", msg)
	})
}

// The other processes take the calls of one that has ended, and an error tells of all.
func TestPoolLosesItsProcesses(t *testing.T) {
	pooled(t, 2, "lab", nil, func(t *testing.T, p *pingo.Pool, _ *recorder) {
		require.ErrorIs(t, p.Call("Lab.Pid", 0, nil), pingo.ErrNotStarted)
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		first := p.Plugins()[0]
		require.Error(t, first.Call("Lab.Crash", []string{"first words"}, nil))
		wait(t, "the end", first.Done())
		other := pidOf(t, p)
		for range 5 {
			require.Equal(t, other, pidOf(t, p))
		}
		require.ErrorContains(t, p.Err(), "first words")
		require.Error(t, p.Call("Lab.Crash", []string{"last words"}, nil))
		err := p.Call("Lab.Pid", 0, nil)
		require.ErrorContains(t, err, "first words")
		require.ErrorContains(t, err, "last words")
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		require.ErrorAs(t, err, new(*pingo.CrashError))
		wait(t, "the end", p.Plugins()[1].Done())
		require.ErrorContains(t, p.Err(), "last words")
		require.ErrorContains(t, p.Ready(t.Context()), "first words")
	})
}

// Whatever is said of a process says which one it is.
func TestPoolNamesItsProcesses(t *testing.T) {
	var d diary
	pooled(t, 2, "lab", func(cfg *pingo.Config) { cfg.Events = d.write }, func(t *testing.T, p *pingo.Pool, rec *recorder) {
		first, second := p.Plugins()[0], p.Plugins()[1]
		name, _ := strings.CutSuffix(p.String(), " (2 processes)")
		require.Equal(t, name+" (1 of 2)", first.String())
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		pid := pidOf(t, second)
		require.Error(t, first.Call("Lab.Crash", []string{"first words"}, nil))
		wait(t, "the end", first.Done())
		require.ErrorContains(t, p.Ready(t.Context()), "plugin "+name+" (1 of 2) is not ready: ")
		require.ErrorContains(t, p.Err(), "plugin "+name+" (1 of 2) has ended: ")
		require.ErrorContains(t, p.Call("Lab.None", 0, nil), "plugin "+name+" (2 of 2): Lab.None: not delivered: ")
		require.ErrorContains(t, p.Call("Lab.Crash", []string{"last words"}, nil), "plugin "+name+" (2 of 2): Lab.Crash: maybe executed: ")
		wait(t, "the end", second.Done())
		err := p.Call("Lab.Pid", 0, nil)
		require.Regexp(t, `^plugin .* \(2 processes\): Lab.Pid: not delivered: process 1 of 2: (.|\n)*\tfirst words\nprocess 2 of 2: (.|\n)*\tlast words$`, err.Error())
		_, errs, _ := rec.snapshot()
		require.ErrorContains(t, errs[0], "plugin "+name+" (1 of 2): ")
		require.ErrorContains(t, errs[1], "plugin "+name+" (2 of 2): ")
		for _, e := range d.read() {
			switch e := e.(type) {
			case pingo.EventCrashed:
				require.Equal(t, name+map[bool]string{false: " (1 of 2)", true: " (2 of 2)"}[e.Pid == pid], e.Plugin)
			case pingo.EventCallFailed:
				if e.Method == "Lab.None" {
					require.Equal(t, second.String(), e.Plugin)
					require.Equal(t, pid, e.Pid)
				}
			}
		}
		require.Equal(t, 1, strings.Count(d.text(), "Lab.None"), "the first process's end does not keep it back")
	})
}

// A call that no process gets is an event as long as one of them has not ended.
func TestPoolTellsOfCallsThatNoProcessGot(t *testing.T) {
	var d diary
	pooled(t, 2, "lab", func(cfg *pingo.Config) {
		cfg.Events, cfg.Restart, cfg.RestartDelay, cfg.RestartMaxDelay = d.write, pingo.RestartOnFailure, time.Hour, time.Hour
	}, func(t *testing.T, p *pingo.Pool, _ *recorder) {
		first, second := p.Plugins()[0], p.Plugins()[1]
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		require.Error(t, first.Call("Lab.Exit", 0, nil))
		wait(t, "the end", first.Done())
		require.Error(t, second.Call("Lab.Exit", 1, nil))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.ErrorIs(t, p.CallContext(ctx, "Lab.Pid", 0, nil), context.DeadlineExceeded)
		within(t, "Stop", p.Stop)
		require.Contains(t, d.text(), p.String()+": Lab.Pid failed: not delivered: ")
	})
}

// What all processes say is told once.
func TestPoolThatIsNotThere(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Path += ".none"
	p := pingo.NewPool(3, cfg)
	p.Start()
	defer p.Stop()
	err := p.Call("Lab.Pid", 0, nil)
	require.ErrorAs(t, err, new(*pingo.StartError))
	require.NotContains(t, err.Error(), "\n")
	require.NotContains(t, err.Error(), "process 1")
}

func TestPoolIsStopped(t *testing.T) {
	pooled(t, 2, "lab", nil, func(t *testing.T, p *pingo.Pool, _ *recorder) {
		p.Start()
		require.NoError(t, p.Call("Lab.Pid", 0, nil))
		within(t, "Stop", p.Stop)
		require.ErrorIs(t, p.Call("Lab.Pid", 0, nil), pingo.ErrStopped)
		require.NoError(t, p.Err())
		require.NoError(t, p.Shutdown(ended()), "nothing is left")
	})
}

// What a process did not finish that is stopped alone is made again with another, if it may be.
func TestProcessOfAPoolIsStopped(t *testing.T) {
	defer pingo.SetCallTime(1)()
	pooled(t, 2, "way", func(cfg *pingo.Config) { cfg.GracePeriod = 2 * patience }, func(t *testing.T, p *pingo.Pool, rec *recorder) {
		c := pingo.Bind(p, &wayContract)
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		busy, cancel := context.WithCancel(t.Context())
		hung := make(chan error, 1)
		go func() { hung <- p.Plugins()[1].CallContext(busy, "Lab.Hang", 0, nil) }()
		rec.await("hanging")
		ctx, end := context.WithCancel(t.Context())
		again := make(chan error, 1)
		go func() { again <- goes(ctx, c, "Again", "await") }()
		awaiting := func(n int) {
			rec.awaitFunc(func(lines []string, _ []error) bool { return strings.Count(strings.Join(lines, " "), "awaiting") == n })
		}
		awaiting(1)
		within(t, "Stop", p.Plugins()[0].Stop)
		awaiting(2)
		end()
		require.ErrorIs(t, <-again, context.Canceled)
		cancel()
		require.Error(t, <-hung)
		require.Error(t, p.Shutdown(ended()), "one hangs")
	})
}

func TestPoolIsSwappedAsOne(t *testing.T) {
	path := executables(t, "one", "two", "ill", "exits")
	pooled(t, 3, "variant", func(cfg *pingo.Config) {
		cfg.Path, cfg.GracePeriod = path("one"), patience
	}, func(t *testing.T, p *pingo.Pool, rec *recorder) {
		g := newGreeterClient(p)
		p.Start()
		made := callVariants(t, g, 16)
		before := pids(t, p)
		err := p.Swap(t.Context(), path("ill"))
		require.ErrorIs(t, err, pingo.ErrUnhealthy)
		require.Equal(t, 3, strings.Count(err.Error(), "it hurts"))
		require.ErrorContains(t, p.Swap(t.Context(), path("exits")), "status 7")
		require.EqualError(t, p.Swap(t.Context(), ""), "plugin "+p.String()+": Swap: no path of an executable was given")
		require.Equal(t, before, pids(t, p), "nothing has changed")
		for i := range 6 {
			name := []string{"two", "one"}[i%2]
			require.NoError(t, p.Swap(t.Context(), path(name)))
			msg, err := g.SayHello(t.Context(), "x")
			require.NoError(t, err)
			require.Equal(t, name, msg)
		}
		require.Positive(t, made())
		_, errs, _ := rec.snapshot()
		require.Empty(t, errs)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, p.Swap(gone, path("two")), context.Canceled)
	})
}

// pids are those of a pool's processes.
func pids(t *testing.T, p *pingo.Pool) []int {
	var list []int
	for _, m := range p.Plugins() {
		list = append(list, pidOf(t, m))
	}
	return slices.Clip(list)
}

// The hooks of a pool are called for one process at a time.
func TestHooksOfAPool(t *testing.T) {
	var inside, events atomic.Int32
	pooled(t, 4, "lab", func(cfg *pingo.Config) {
		cfg.Events = func(pingo.Event) {
			events.Add(1)
			if inside.Add(1) > 1 {
				t.Error("two at once")
			}
			time.Sleep(time.Millisecond)
			inside.Add(-1)
		}
	}, func(t *testing.T, p *pingo.Pool, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		within(t, "Stop", p.Stop)
		require.Equal(t, int32(4*3), events.Load())
	})
	require.Panics(t, func() { pingo.NewPool(0, pingo.Config{}) })
}

func TestPoolInterceptsAndCounts(t *testing.T) {
	var seen atomic.Int32
	pooled(t, 2, "both", func(cfg *pingo.Config) {
		cfg.Intercept = []pingo.Interceptor{func(ctx context.Context, _ *pingo.Call, next func(context.Context) error) error {
			seen.Add(1)
			return next(ctx)
		}}
	}, func(t *testing.T, p *pingo.Pool, _ *recorder) {
		p.Start()
		g := newGreeterClient(p)
		for range 3 {
			_, err := g.SayHello(t.Context(), "x")
			require.NoError(t, err)
		}
		require.NoError(t, p.Call("Lab.Pid", 0, new(int)))
		require.Equal(t, int32(4), seen.Load())
		s := p.Stats()
		require.Equal(t, p.String(), s.Plugin)
		require.Len(t, s.Methods, 2)
		require.Equal(t, "Greeter.SayHello", s.Methods[0].Method)
		require.Equal(t, uint64(3), s.Methods[0].Calls)
	})
}
