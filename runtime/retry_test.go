package pingo_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// wayContract has methods that are called in each way; all take a text and do the same.
var wayContract = codec.Contract{Name: "Way", Methods: []codec.Method{
	{Name: "Again", Idempotent: true},
	{Name: "Away", Oneway: true},
	{Name: "Brief", Timeout: 50 * time.Millisecond},
	{Name: "Once"},
}}

// way does what its text says.
func way(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
	var arg text
	if err := dec.Message(&arg); err != nil {
		return err
	}
	do, rest, _ := strings.Cut(arg.s, ":")
	switch do {
	case "exit": // as often as no such file is there
		f, err := os.OpenFile(rest, os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			_ = f.Close()
			os.Exit(1)
		}
	case "die":
		fmt.Println("dying")
		os.Exit(1)
	case "await":
		_, has := ctx.Deadline()
		fmt.Println("awaiting", has)
		<-ctx.Done()
		return ctx.Err()
	case "until": // there is such a file
		fmt.Println("waiting")
		rest, _, _ = strings.Cut(rest, "|")
		for {
			if _, err := os.Stat(rest); err == nil {
				fmt.Println("done", len(arg.s) > 100_000)
				return nil
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

var _ = helper("way", func() {
	pingo.Register(&codec.Service{Contract: &wayContract, Handlers: []codec.Handler{way, way, way, way}})
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

// goes calls a method of Way.
func goes(ctx context.Context, c pingo.Caller, method, what string) error {
	return c.CallContext(ctx, "Way."+method, &text{what}, &codec.Nothing{})
}

func TestIdempotentCallsAreRepeated(t *testing.T) {
	supervised(t, "way", nil, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		c := pingo.Bind(p, &wayContract)
		p.Start()
		dir := t.TempDir()
		err := goes(t.Context(), c, "Once", "exit:"+filepath.Join(dir, "once"))
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		require.NoError(t, goes(t.Context(), c, "Once", "exit:"+filepath.Join(dir, "once")))

		require.NoError(t, goes(t.Context(), c, "Again", "exit:"+filepath.Join(dir, "again")))

		err = goes(t.Context(), c, "Again", "die")
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		within(t, "Stop", p.Stop)
		lines, _, _ := rec.snapshot()
		require.Equal(t, []string{"dying", "dying", "dying"}, lines, "what ends the plugin each time is not repeated for ever")
	})
}

func TestIdempotentCallIsNotRepeatedAfterItsContext(t *testing.T) {
	supervised(t, "way", func(cfg *pingo.Config) { cfg.RestartDelay = time.Hour; cfg.RestartMaxDelay = time.Hour }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		c := pingo.Bind(p, &wayContract)
		p.Start()
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { failed <- goes(ctx, c, "Again", "die") }()
		rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 1 })
		cancel()
		err := <-failed
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err), "the first attempt may have run")
		within(t, "Stop", p.Stop)
	})
}

func TestIdempotentCallOfAPluginThatIsNotRestarted(t *testing.T) {
	cfg, _ := setup(t, "way")
	p := start(t, cfg)
	err := goes(t.Context(), pingo.Bind(p, &wayContract), "Again", "die")
	require.ErrorAs(t, err, new(*pingo.CrashError))
	require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
}

// Under crash after crash, no call is lost that did not run, and none that may be repeated.
func TestCallsUnderCrashes(t *testing.T) {
	supervised(t, "way", func(cfg *pingo.Config) { cfg.RestartBudget = -1; cfg.RestartMaxDelay = time.Millisecond }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		c := pingo.Bind(p, &wayContract)
		p.Start()
		over := make(chan struct{})
		var callers sync.WaitGroup
		for range 16 {
			callers.Go(func() {
				for !t.Failed() {
					select {
					case <-over:
						return
					default:
					}
					if err := goes(t.Context(), c, "Again", ""); err != nil && pingo.FateOf(err) != pingo.MaybeExecuted {
						t.Error(err)
						return
					}
					if err := goes(t.Context(), c, "Once", ""); err != nil && pingo.FateOf(err) != pingo.MaybeExecuted {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 10 {
			require.Error(t, p.Call("Lab.Exit", 1, nil))
		}
		require.NoError(t, p.Call("Lab.Echo", "x", nil))
		close(over)
		within(t, "the callers", callers.Wait)
		within(t, "Stop", p.Stop)
	})
}

func TestTimeoutOfAMethod(t *testing.T) {
	cfg, rec := setup(t, "way")
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()), "the time limit counts the start, too")
	c := pingo.Bind(p, &wayContract)
	err := goes(t.Context(), c, "Brief", "await")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "Way.Brief: maybe executed: context deadline exceeded: the 50ms of its //pingo:timeout are over")
	rec.await("awaiting true")

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.NotContains(t, goes(ctx, c, "Brief", "await").Error(), "pingo:timeout", "it was the caller's")

	ctx, cancel = context.WithTimeout(t.Context(), time.Hour)
	time.AfterFunc(100*time.Millisecond, cancel)
	require.ErrorIs(t, goes(ctx, c, "Brief", "await"), context.Canceled, "a deadline of its own holds")
}

func TestOnewayCallReturnsWhenItIsWritten(t *testing.T) {
	stoppedWith(t, "way", func(cfg *pingo.Config) { cfg.GracePeriod = patience }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		c := pingo.Bind(p, &wayContract)
		p.Start()
		gate := filepath.Join(t.TempDir(), "gate")
		within(t, "the call", func() { require.NoError(t, goes(t.Context(), c, "Away", "until:"+gate)) })
		within(t, "the large call", func() {
			require.NoError(t, goes(t.Context(), c, "Away", "until:"+gate+"|"+strings.Repeat("x", 1<<20)))
		})
		rec.await("waiting")
		stopped := make(chan struct{})
		go func() { defer close(stopped); p.Stop() }()
		for goes(t.Context(), c, "Once", "") == nil { // until it is being stopped
		}
		require.NoError(t, os.WriteFile(gate, nil, 0o600))
		wait(t, "Stop", stopped)
		lines, _, _ := rec.snapshot()
		require.ElementsMatch(t, []string{"waiting", "waiting", "done false", "done true"}, lines, "Stop lets the calls finish that nobody waits for")

		err := goes(t.Context(), c, "Away", "")
		require.ErrorIs(t, err, pingo.ErrStopped)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	})
}

func TestOnewayErrorIsDropped(t *testing.T) {
	cfg, _ := setup(t, "way")
	p := start(t, cfg)
	c := pingo.Bind(p, &wayContract)
	for range 1000 {
		require.NoError(t, goes(t.Context(), c, "Away", ""))
	}
	require.Error(t, c.CallContext(t.Context(), "Way.Away", "not generated", nil))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, goes(ended, c, "Away", ""), context.Canceled)
	within(t, "Stop", p.Stop)
	require.NoError(t, p.Err())
}
