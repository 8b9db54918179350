package pingo_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/soak"
)

// heedful ends its calls when their contexts end, and logs why as the last thing.
type heedful struct{ greeter }

func (heedful) Meet(ctx context.Context, name string) (string, error) {
	fmt.Println("waiting")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	<-ctx.Done()
	cause := context.Cause(ctx)
	slog.Info("over", "stopped", errors.Is(cause, pingo.ErrStopped), "cancelled", errors.Is(cause, context.Canceled))
	switch name {
	case "cause":
		return "", cause
	case "result":
		return "half done", nil
	}
	return "", fmt.Errorf("not done: %w", ctx.Err())
}

// It would wait very long for a sign that the host has not meant to end it.
var _ = helper("heedful", func() {
	pingo.SetHostTime(patience)
	registerGreeter(heedful{})
	pingo.Register(new(Lab))
	if err := pingo.Serve(context.Background()); err != nil {
		fail(err)
	}
	os.Stdout.WriteString("saved\n")
})

// met is what a call of Meet has come to.
type met struct {
	msg string
	err error
}

// meeting calls Meet, and returns when it runs.
func meeting(t *testing.T, p *pingo.Plugin, rec *recorder, name string) <-chan met {
	t.Helper()
	over := make(chan met, 1)
	go func() {
		msg, err := newGreeterClient(p).Meet(t.Context(), name)
		over <- met{msg, err}
	}()
	rec.await("waiting")
	return over
}

// Who does not listen keeps the connection, and nobody else from answering.
func TestStopOfCallsThatDoNotListen(t *testing.T) {
	defer pingo.SetCallTime(1)()
	stoppedWith(t, "heedful", func(cfg *pingo.Config) { cfg.GracePeriod, cfg.LogHandler = 10*patience, slog.DiscardHandler }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		heeds := meeting(t, p, rec, "error")
		hangs := make(chan error, 1)
		go func() { hangs <- p.Call("Lab.Hang", 0, nil) }()
		rec.await("hanging")
		go p.Stop()
		require.Equal(t, pingo.Executed, pingo.FateOf((<-heeds).err))
		require.Empty(t, hangs)
		within(t, "Shutdown", func() { require.Error(t, p.Shutdown(ended())) })
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(<-hangs))
	})
}

// GracePeriod is longer than the test may take: only what has answered can end the plugin.
func TestStopCancelsCallsAfterTheirTime(t *testing.T) {
	defer pingo.SetCallTime(1)()
	for _, name := range []string{"error", "cause", "result"} {
		a := &archive{}
		stoppedWith(t, "heedful", func(cfg *pingo.Config) { cfg.GracePeriod, cfg.LogHandler = 2*patience, a }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
			*a = archive{}
			p.Start()
			over := meeting(t, p, rec, name)
			within(t, "Stop", p.Stop)
			got := <-over
			if name == "result" {
				require.Equal(t, met{"half done", nil}, got)
			} else {
				var failed *pingo.CallError
				require.ErrorAs(t, got.err, &failed)
				require.Equal(t, pingo.Executed, failed.Fate)
				require.ErrorIs(t, got.err, pingo.ErrStopped)
				require.ErrorIs(t, got.err, context.Canceled)
				require.Regexp(t, ": "+pingo.ErrStopped.Error()+"$", got.err.Error(), "what to do comes last")
			}
			require.Equal(t, `level=INFO msg=over stopped=true cancelled=true source=stop_calls_test.go:Meet`, a.await(t, "over"))
			lines, errs, _ := rec.snapshot()
			require.Equal(t, []string{"waiting", "saved"}, lines, "it has ended by itself")
			require.Empty(t, errs)
		})
	}
}

// heedfulWorker has a sequence that ends with the context of the call which returned it: it has no other.
type heedfulWorker struct{ worker }

func (heedfulWorker) Count(ctx context.Context, _ int) (iter.Seq2[int, error], error) {
	return func(yield func(int, error) bool) {
		fmt.Println("waiting")
		<-ctx.Done()
		slog.Info("over", "stopped", errors.Is(context.Cause(ctx), pingo.ErrStopped))
		yield(0, ctx.Err())
	}, nil
}

var _ = helper("heedful worker", func() {
	pingo.SetHostTime(patience)
	soak.RegisterWorker(heedfulWorker{})
	if err := pingo.Serve(context.Background()); err != nil {
		fail(err)
	}
})

// What a call has returned learns of the end as a call does.
func TestStopCancelsWhatCallsHaveReturned(t *testing.T) {
	defer pingo.SetCallTime(1)()
	a := &archive{}
	stoppedWith(t, "heedful worker", func(cfg *pingo.Config) { cfg.GracePeriod, cfg.LogHandler = 10*patience, a }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		*a = archive{}
		p.Start()
		seq, err := soak.NewWorkerClient(p).Count(t.Context(), 0)
		require.NoError(t, err)
		over := make(chan error, 1)
		go func() {
			var last error
			for _, last = range seq {
			}
			over <- last
		}()
		rec.await("waiting")
		within(t, "Stop", p.Stop)
		err = <-over
		require.Equal(t, pingo.Executed, pingo.FateOf(err))
		require.ErrorIs(t, err, pingo.ErrStopped)
		require.Equal(t, `level=INFO msg=over stopped=true source=stop_calls_test.go:func1`, a.await(t, "over"))
	})
}

// retiree has its plugin end by itself while calls run.
type retiree struct {
	heedful
	retire context.CancelCauseFunc
}

var errRetired = errors.New("it is time to go")

func (r retiree) SayHello(context.Context, string) (string, error) {
	r.retire(errRetired)
	return "", nil
}

func (r retiree) Meet(ctx context.Context, name string) (string, error) {
	if name == "hang" {
		fmt.Println("hanging")
		select {}
	}
	return r.heedful.Meet(ctx, name)
}

var _ = helper("retiree", func() {
	pingo.SetDepartTime(1, patience)
	if len(os.Args) > 1 {
		pingo.SetDepartTime(1, 1)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	registerGreeter(retiree{retire: cancel})
	if err := pingo.Serve(ctx); err != nil {
		fail(err)
	}
	os.Stdout.WriteString("saved\n")
})

// A plugin that ends by itself lets its calls answer as its host would have.
func TestServeCancelsCallsAfterTheirTime(t *testing.T) {
	for _, name := range []string{"error", "cause", "result"} {
		a := &archive{}
		stoppedWith(t, "retiree", func(cfg *pingo.Config) { cfg.GracePeriod, cfg.LogHandler = 2*patience, a }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
			*a = archive{}
			p.Start()
			over := meeting(t, p, rec, name)
			_, err := newGreeterClient(p).SayHello(t.Context(), "")
			require.NoError(t, err)
			got := <-over
			switch name {
			case "result":
				require.Equal(t, met{"half done", nil}, got)
			case "cause":
				require.EqualError(t, got.err, errRetired.Error(), "it is the implementation's own")
			case "error":
				var failed *pingo.CallError
				require.ErrorAs(t, got.err, &failed)
				require.Equal(t, pingo.Executed, failed.Fate)
				require.ErrorIs(t, got.err, context.Canceled)
			}
			require.Equal(t, `level=INFO msg=over stopped=false cancelled=false source=stop_calls_test.go:Meet`, a.await(t, "over"))
			wait(t, "the end", p.Done())
			lines, _, _ := rec.snapshot()
			require.Equal(t, []string{"waiting", "saved"}, lines, "it has ended by itself")
		})
	}
}

// What does not listen to its context is cut off.
func TestServeDoesNotWaitForEver(t *testing.T) {
	stoppedWith(t, "retiree", func(cfg *pingo.Config) { cfg.GracePeriod, cfg.Args = 2*patience, append(cfg.Args, "brief") }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		hangs := make(chan error, 1)
		go func() {
			_, err := newGreeterClient(p).Meet(t.Context(), "hang")
			hangs <- err
		}()
		rec.await("hanging")
		_, _ = newGreeterClient(p).SayHello(t.Context(), "") // may be cut off as well
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(<-hangs))
		rec.await("saved")
	})
}

// An idempotent call that a plugin has not finished before it ended is made again.
func TestCallThatEndsWithServeIsRepeated(t *testing.T) {
	contract := greeterContract
	contract.Methods = slices.Clone(contract.Methods)
	contract.Methods[0].Idempotent = true
	cfg, rec := setup(t, "retiree")
	cfg.Restart, cfg.RestartDelay = pingo.RestartAlways, 1
	p := start(t, cfg)
	over := make(chan met, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		msg, err := newGreeterClientOf(p, &contract).Meet(ctx, "error")
		over <- met{msg, err}
	}()
	rec.await("waiting")
	_, err := newGreeterClient(p).SayHello(t.Context(), "")
	require.NoError(t, err)
	rec.awaitFunc(func(lines []string, _ []error) bool { return len(lines) == 3 }) // waiting, saved, waiting
	require.Empty(t, over)
	cancel()
	require.ErrorIs(t, (<-over).err, context.Canceled)
}
