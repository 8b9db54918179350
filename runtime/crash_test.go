package pingo_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestCrashFailsEveryPendingCall(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "lab")
		use(&cfg, transport)
		p := start(t, cfg)
		const pending = 8
		failed := make(chan error, pending)
		for range pending {
			go func() { failed <- p.Call("Lab.Hang", 0, nil) }()
		}
		rec.awaitFunc(func(lines []string, _ []error) bool { return len(lines) == pending })

		lines := []string{"first", "last words"}
		crashing := p.Call("Lab.Crash", lines, nil)
		for _, err := range append(receive(failed, pending), crashing) {
			var crash *pingo.CrashError
			require.ErrorAs(t, err, &crash)
			require.Equal(t, 3, crash.ExitCode)
			require.Nil(t, crash.Signal)
			require.Equal(t, lines, crash.Stderr)
			require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		}
		require.ErrorContains(t, crashing, "Lab.Crash: maybe executed: the plugin exited by itself with status 3; the last it wrote to stderr:\n\tfirst\n\tlast words")

		later := p.Call("Lab.Echo", "x", nil)
		require.ErrorAs(t, later, new(*pingo.CrashError))
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(later))
		_, err := p.Objects()
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.ErrorAs(t, p.Ready(t.Context()), new(*pingo.CrashError))

		wait(t, "the end", p.Done())
		require.ErrorAs(t, p.Err(), new(*pingo.CrashError))
		_, errs, _ := rec.snapshot()
		require.Len(t, errs, 1, "the handler is told as well")
		require.ErrorAs(t, errs[0], new(*pingo.CrashError))
	})
}

func TestCallsAfterACrashSayWhatToDo(t *testing.T) {
	for _, test := range []struct {
		restart pingo.Restart
		status  int
		policy  string
	}{
		{pingo.RestartNever, 1, "RestartOnFailure"},
		{pingo.RestartNever, 0, "RestartAlways"},
		{pingo.RestartOnFailure, 0, "RestartAlways"},
	} {
		cfg, _ := setup(t, "lab")
		cfg.Restart = test.restart
		p := start(t, cfg)
		require.Error(t, p.Call("Lab.Exit", test.status, nil))
		wait(t, "the end", p.Done())
		crash := fmt.Sprint("the plugin exited by itself with status ", test.status)
		want := "the plugin has ended and is not restarted; set Config.Restart to " + test.policy + ", or make a new Plugin: " + crash
		err := p.Call("Lab.Echo", "x", nil)
		require.EqualError(t, err, "plugin "+p.String()+": Lab.Echo: not delivered: "+want)
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.EqualError(t, p.Ready(t.Context()), "plugin "+p.String()+": "+want)
		require.EqualError(t, p.Err(), crash)
	}
}

func receive(errs <-chan error, n int) (all []error) {
	for range n {
		all = append(all, <-errs)
	}
	return all
}

func TestCrashKeepsTheLastLinesOnly(t *testing.T) {
	cfg, _ := setup(t, "lab")
	var lines []string
	for i := range 1000 {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	lines = append(lines, strings.Repeat("x", 1<<20))
	err := start(t, cfg).Call("Lab.Crash", lines, nil)
	var crash *pingo.CrashError
	require.ErrorAs(t, err, &crash)
	require.Len(t, crash.Stderr, 20)
	require.Less(t, len(err.Error()), 64<<10)
}

func TestCrashKeepsWhyTheProgramPanicked(t *testing.T) {
	cfg, _ := setup(t, "lab")
	err := start(t, cfg).Call("Lab.PanicApart", "far away", nil)
	var crash *pingo.CrashError
	require.ErrorAs(t, err, &crash)
	require.Equal(t, "panic: far away", crash.Stderr[0])
	require.Contains(t, strings.Join(crash.Stderr[:10], "\n"), "runtime_test.deep(")
	require.Less(t, len(crash.Stderr), 50)
}

func TestExitWithStatus0IsACrashToo(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	err := p.Call("Lab.Exit", 0, nil)
	require.ErrorContains(t, err, "the plugin exited by itself with status 0")
	wait(t, "the end", p.Done())
	require.Error(t, p.Err())
}

func TestCallErrorText(t *testing.T) {
	err := &pingo.CallError{Plugin: "hello", Method: "Greeter.SayHello", Fate: pingo.MaybeExecuted, Err: errors.New("why")}
	require.EqualError(t, err, "plugin hello: Greeter.SayHello: maybe executed: why")
	require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(fmt.Errorf("wrapped: %w", err)))
	require.Equal(t, pingo.Executed, pingo.FateOf(nil))
	require.Equal(t, pingo.Executed, pingo.FateOf(errors.New("the implementation's")))
	require.Equal(t, "not delivered", pingo.NotDelivered.String())
	require.Equal(t, "executed", pingo.Executed.String())
	require.Equal(t, "Fate(9)", pingo.Fate(9).String())
}
