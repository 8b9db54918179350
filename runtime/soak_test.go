package pingo_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
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
	"github.com/pingogen/pingogen/runtime/internal/soak"
)

var (
	soakTime = flag.Duration("soak", 3*time.Second, "how long TestSoak calls a plugin that is killed again and again")
	cycles   = flag.Int("cycles", 20, "how often TestStartAndStop does")
)

// worker is the implementation. It writes into a file that outlives it.
type worker struct{ notes *os.File }

var _ = helper("worker", func() {
	notes, err := os.OpenFile(os.Args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fail(err)
	}
	soak.RegisterWorker(worker{notes})
	fail(pingo.Run())
})

func (w worker) Note(_ context.Context, id string) (string, error) {
	_, err := w.notes.WriteString(id + "\n")
	return id, err
}

func (worker) Square(_ context.Context, n int) (int, error) { return n * n, nil }

func (worker) Count(_ context.Context, n int) (iter.Seq2[int, error], error) {
	return func(yield func(int, error) bool) {
		if n < 0 {
			yield(0, nil)
			os.Exit(1)
		}
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
	}, nil
}

func (worker) Sum(_ context.Context, n int, f func(int) (int, error)) (sum int, _ error) {
	for i := range n {
		v, err := f(i)
		if err != nil {
			return 0, err
		}
		sum += v
	}
	return sum, nil
}

func (worker) Length(_ context.Context, r io.Reader) (int64, error) { return io.Copy(io.Discard, r) }

func (worker) Collect(context.Context) error { runtime.GC(); return nil }

func (worker) Open(_ context.Context, start int) (soak.Counter, error) {
	return &counter{n: start}, nil
}

type counter struct{ n int }

func (c *counter) Next(context.Context) (int, error) { c.n++; return c.n, nil }
func (c *counter) Close() error                      { return nil }

// caller makes calls of all kinds, one after the other, and checks each.
type caller struct {
	*soak.WorkerClient
	name   string
	fates  map[string]pingo.Fate // of the notes, by id
	right  *atomic.Int64
	failed *atomic.Int64
}

// call returns "" if a call did what it should, or failed as it may when the plugin is killed.
func (c *caller) call(ctx context.Context, i int) string {
	wrong, err := c.one(ctx, i)
	var crash *pingo.CrashError
	switch {
	case wrong != "":
		return wrong
	case err == nil:
		c.right.Add(1)
	case errors.As(err, &crash), errors.Is(err, io.ErrUnexpectedEOF):
		c.failed.Add(1)
	default:
		return fmt.Sprintf("call %d failed with %T: %v", i%6, err, err)
	}
	return ""
}

// one makes a call. It tells what is wrong with its result, or why there is none.
func (c *caller) one(ctx context.Context, i int) (wrong string, err error) {
	n := i % 50
	var got, want any
	switch i % 6 {
	case 0:
		id := fmt.Sprint(c.name, ".", i)
		got, err = c.Note(ctx, id)
		want, c.fates[id] = id, pingo.Executed
		if err != nil {
			c.fates[id] = pingo.FateOf(err)
		}
	case 1:
		got, err = c.Square(ctx, i)
		want = i * i
	case 2:
		var seq iter.Seq2[int, error]
		if seq, err = c.Count(ctx, n); err != nil {
			break
		}
		next := 0
		for v, failure := range seq {
			if failure != nil {
				err = failure
				break
			}
			if v != next {
				return fmt.Sprintf("Count: %d after %d", v, next-1), nil
			}
			next++
		}
		got, want = next, n
	case 3:
		calls := 0
		got, err = c.Sum(ctx, n, func(v int) (int, error) { calls++; return v, nil })
		want = n * (n - 1) / 2
		if err == nil && calls != n {
			return fmt.Sprintf("Sum: %d calls back for %d", calls, n), nil
		}
	case 4:
		got, err = c.Length(ctx, bytes.NewReader(make([]byte, n*1000)))
		want = int64(n * 1000)
	case 5:
		var counter soak.Counter
		if counter, err = c.Open(ctx, i); err != nil {
			break
		}
		for k := range 3 {
			v, failure := counter.Next(ctx)
			if err = errors.Join(err, failure); failure == nil && v != i+k+1 {
				return fmt.Sprintf("Next: %d for %d", v, i+k+1), nil
			}
		}
		got, want = 0, 0
		if closing := counter.Close(); err == nil {
			err = closing
		}
	}
	if err == nil && got != want {
		return fmt.Sprintf("call %d: %v for %v", i%6, got, want), nil
	}
	return "", err
}

// A stream that its process did not end is not over.
func TestSequenceOfAProcessThatEnds(t *testing.T) {
	for range 10 {
		cfg, _ := setup(t, "worker", filepath.Join(t.TempDir(), "notes"))
		seq, err := soak.NewWorkerClient(start(t, cfg)).Count(t.Context(), -1)
		require.NoError(t, err)
		var last error
		for _, last = range seq {
		}
		require.ErrorAs(t, last, new(*pingo.CrashError))
	}
}

// Nor is one that has not begun when the process ends.
func TestSequenceOfAProcessThatHasEnded(t *testing.T) {
	cfg, _ := setup(t, "worker", filepath.Join(t.TempDir(), "notes"))
	p := start(t, cfg)
	client := soak.NewWorkerClient(p)
	seq, err := client.Count(t.Context(), 3)
	require.NoError(t, err)
	end, err := client.Count(t.Context(), -1)
	require.NoError(t, err)
	for range end { // the process ends here
	}
	wait(t, "the end", p.Done())
	var last error
	for _, last = range seq {
	}
	require.ErrorAs(t, last, new(*pingo.CrashError))
}

// TestSoak calls a plugin from 64 goroutines while it is killed about every 100 ms and restarted. No
// call may be lost, be made twice or be wrong, and in the end nothing may be left.
func TestSoak(t *testing.T) {
	const callers = 64
	seed := rand.Uint64()
	t.Logf("seed %d, %v", seed, *soakTime)
	notes := filepath.Join(t.TempDir(), "notes")
	check := nothingRemains(t)
	var pid atomic.Int64
	cfg, _ := setup(t, "worker", notes)
	cfg.ErrorHandler = quiet{}
	cfg.Restart, cfg.RestartDelay, cfg.RestartMaxDelay, cfg.RestartBudget = pingo.RestartAlways, time.Millisecond, time.Millisecond, -1
	cfg.Events = func(e pingo.Event) {
		if ready, ok := e.(pingo.EventReady); ok {
			pid.Store(int64(ready.Pid))
		}
	}
	p := start(t, cfg)
	client := soak.NewWorkerClient(p)
	require.NoError(t, p.Ready(t.Context()))

	var right, failed atomic.Int64
	over := make(chan struct{})
	var running sync.WaitGroup
	list := make([]*caller, callers)
	for i := range list {
		c := &caller{WorkerClient: client, name: fmt.Sprint(i), fates: map[string]pingo.Fate{}, right: &right, failed: &failed}
		list[i] = c
		running.Go(func() {
			for k := i; !isOver(over); k++ {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				wrong := c.call(ctx, k)
				cancel()
				if wrong != "" {
					t.Error(wrong)
					return
				}
			}
		})
	}
	kills := murder(seed, &pid)
	close(over)
	within(t, "the callers", running.Wait)
	eventually(t, "references remain", func() string {
		runtime.GC()
		_ = client.Collect(t.Context()) // fails if the last kill is not over
		return fmt.Sprint(p.References())
	}, "0 0")
	within(t, "Stop", p.Stop)
	require.NoError(t, p.Err())
	check()

	audit(t, list, notes)
	require.Positive(t, kills)
	require.Positive(t, right.Load())
	t.Logf("%d calls were right, %d ended with the process, %d kills", right.Load(), failed.Load(), kills)
}

type quiet struct{}

func (quiet) Error(error) {}
func (quiet) Print(any)   {}

func isOver(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// murder kills the process that is ready, every 100 ms on average, as long as the soak lasts.
func murder(seed uint64, pid *atomic.Int64) (kills int) {
	chance := rand.New(rand.NewPCG(seed, 0))
	end := time.After(*soakTime)
	for {
		select {
		case <-time.After(time.Duration(chance.ExpFloat64() * float64(100*time.Millisecond))):
		case <-end:
			return kills
		}
		if victim := int(pid.Swap(0)); victim != 0 { // each once, so that the number cannot be another's
			if proc, err := os.FindProcess(victim); err == nil && proc.Kill() == nil {
				kills++
			}
		}
	}
}

// audit compares how often each note was written with what its caller was told.
func audit(t *testing.T, list []*caller, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	times := map[string]int{}
	for id := range strings.Lines(string(content)) {
		times[strings.TrimSpace(id)]++
	}
	for _, c := range list {
		for id, fate := range c.fates {
			n := times[id]
			delete(times, id)
			ok := fate == pingo.Executed && n == 1 || fate == pingo.NotDelivered && n == 0 || fate == pingo.MaybeExecuted && n <= 1
			require.True(t, ok, "%s was written %d times, and its caller was told %v", id, n, fate)
		}
	}
	require.Empty(t, times, "nobody has asked for these")
}

// TestStartAndStop leaves nothing behind, however often it is done.
func TestStartAndStop(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			skipUnlessHas(t, transport)
			check := nothingRemains(t)
			for i := range *cycles {
				cfg, _ := setup(t, "lab")
				use(&cfg, transport)
				p := pingo.New(cfg)
				p.Start()
				if i%2 == 0 { // otherwise it is stopped while it starts
					require.NoError(t, p.Call("Lab.Echo", "x", nil))
				}
				within(t, "Stop", p.Stop)
				require.NoError(t, p.Err())
			}
			check()
		})
	}
}
