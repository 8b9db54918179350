package pingo_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// supervised runs a scenario with a plugin that is restarted at once, and checks
// that nothing remains.
func supervised(t *testing.T, name string, change func(*pingo.Config), scenario func(t *testing.T, p *pingo.Plugin, rec *recorder)) {
	t.Helper()
	stoppedWith(t, name, func(cfg *pingo.Config) {
		cfg.Restart = pingo.RestartOnFailure
		cfg.RestartDelay = time.Millisecond
		if change != nil {
			change(cfg)
		}
	}, scenario)
}

func TestRestart(t *testing.T) {
	supervised(t, "both", nil, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		early := newGreeterClient(p)
		p.Start()
		var late *greeterClient
		var before int
		for i, crash := range []struct{ method, want string }{
			{"Lab.Exit", "exited by itself with status 9"},
			{"Lab.Abort", abortedBy},
			{"Lab.Crash", "last words"},
		} {
			var pid int
			require.NoError(t, p.Call("Lab.Pid", 0, &pid))
			require.NotEqual(t, before, pid)
			before = pid
			late = newGreeterClient(p)
			for _, c := range []*greeterClient{early, late} {
				msg, err := c.SayHello(t.Context(), "again")
				require.NoError(t, err)
				require.Equal(t, "Hello, again", msg)
			}
			var arg any = 9
			if crash.method == "Lab.Crash" {
				arg = []string{"last words"}
			}
			err := p.Call(crash.method, arg, nil)
			require.ErrorAs(t, err, new(*pingo.CrashError))
			require.ErrorContains(t, err, crash.want)
			require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err), "what may have run is not repeated")
			require.NoError(t, p.Err())
			rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == i+1 })
		}
		msg, err := late.SayHello(t.Context(), "at last")
		require.NoError(t, err)
		require.Equal(t, "Hello, at last", msg)
		require.NoError(t, p.Ready(t.Context()))
		objects, err := p.Objects()
		require.NoError(t, err)
		require.Equal(t, []string{"Greeter", "Lab"}, objects)
		within(t, "Stop", p.Stop)
		require.NoError(t, p.Err())
	})
}

// both has a contract and an object.
var _ = helper("both", func() {
	registerGreeter(greeter{})
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

// Abort ends the plugin by a signal.
func (*Lab) Abort(int, *int) error {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		return err
	}
	select {}
}

func TestCallsWaitForARestart(t *testing.T) {
	supervised(t, "lab", func(cfg *pingo.Config) { cfg.RestartDelay = 500 * time.Millisecond }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 1 }) // the wait has begun
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		err := p.CallContext(short, "Lab.Echo", "x", nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorAs(t, err, new(*pingo.CrashError), "it says what it has waited for")
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))

		var calls sync.WaitGroup
		for range 16 {
			calls.Go(func() {
				var reply string
				if err := p.Call("Lab.Echo", "x", &reply); err != nil || reply != "x" {
					t.Error(reply, err)
				}
			})
		}
		require.NoError(t, p.Ready(t.Context()))
		within(t, "the calls", calls.Wait)
		within(t, "Stop", p.Stop)
	})
}

func TestStopDuringARestart(t *testing.T) {
	supervised(t, "lab", func(cfg *pingo.Config) { cfg.RestartDelay = time.Hour }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		rec.awaitFunc(func(_ []string, errs []error) bool { return len(errs) == 1 })
		failed := make(chan error, 1)
		go func() { failed <- p.Call("Lab.Echo", "x", nil) }()
		within(t, "Stop", p.Stop)
		require.ErrorIs(t, <-failed, pingo.ErrStopped)
		require.NoError(t, p.Err())
		require.ErrorIs(t, p.Call("Lab.Echo", "x", nil), pingo.ErrStopped)
	})
}

func TestPolicies(t *testing.T) {
	for _, test := range []struct {
		policy pingo.Restart
		status int
		again  bool
	}{
		{pingo.RestartNever, 1, false},
		{pingo.RestartOnFailure, 0, false},
		{pingo.RestartOnFailure, 1, true},
		{pingo.RestartAlways, 0, true},
		{pingo.RestartAlways, 1, true},
	} {
		cfg, _ := setup(t, "lab")
		cfg.Restart, cfg.RestartDelay = test.policy, time.Millisecond
		p := start(t, cfg)
		require.Error(t, p.Call("Lab.Exit", test.status, nil))
		err := p.Call("Lab.Echo", "x", nil)
		if test.again {
			require.NoError(t, err, "%v, status %d", test.policy, test.status)
			continue
		}
		require.ErrorAs(t, err, new(*pingo.CrashError), "%v, status %d", test.policy, test.status)
		wait(t, "the end", p.Done())
	}
	require.Equal(t, "never, on failure, always, Restart(7)",
		strings.Join([]string{pingo.RestartNever.String(), pingo.RestartOnFailure.String(), pingo.RestartAlways.String(), pingo.Restart(7).String()}, ", "))
}

func TestPluginIsGivenUp(t *testing.T) {
	supervised(t, "lab", func(cfg *pingo.Config) { cfg.RestartBudget = 2 }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		for _, word := range []string{"one", "two", "three"} {
			require.Error(t, p.Call("Lab.Crash", []string{word}, nil))
		}
		err := p.Call("Lab.Echo", "x", nil)
		var history *pingo.GaveUpError
		require.ErrorAs(t, err, &history)
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		require.Len(t, history.Failures, 3)
		require.Regexp(t, `^the plugin was given up after 3 failures:
	\d\d:\d\d:\d\d.\d\d\d: the plugin exited by itself with status 3; the last it wrote to stderr:
		one
	\d\d:\d\d:\d\d.\d\d\d: the plugin exited by itself with status 3; the last it wrote to stderr:
		two
	\d\d:\d\d:\d\d.\d\d\d: the plugin exited by itself with status 3; the last it wrote to stderr:
		three$`, history.Error())
		wait(t, "the end", p.Done())
		require.ErrorAs(t, p.Err(), new(*pingo.GaveUpError))
		_, errs, _ := rec.snapshot()
		require.Len(t, errs, 3)
		require.ErrorAs(t, errs[2], new(*pingo.GaveUpError))
	})
}

func TestFailuresThatAreTheSameAreToldOnce(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	one, two := &pingo.CrashError{ExitCode: 3, Stderr: []string{"words"}}, &pingo.CrashError{ExitCode: 4}
	var e pingo.GaveUpError
	for i, err := range []error{one, two, one, two, one} {
		e.Failures = append(e.Failures, pingo.Failure{Time: at.Add(time.Duration(i) * time.Second), Err: err})
	}
	e.Failures = append(e.Failures, pingo.Failure{Time: at.Add(time.Minute), Err: errors.New("another")})
	require.EqualError(t, &e, `the plugin was given up after 6 failures:
	15:04:05.000 to 15:04:09.000, 3 times: the plugin exited by itself with status 3; the last it wrote to stderr:
		words
	15:04:06.000 to 15:04:08.000, 2 times: the plugin exited by itself with status 4
	15:05:05.000: another`)
}

func TestStartThatFailsIsNotRepeatedTheFirstTime(t *testing.T) {
	cfg, rec := setup(t, "exit1")
	cfg.Restart, cfg.RestartDelay = pingo.RestartAlways, time.Hour
	p := start(t, cfg)
	err := p.Call("Lab.Echo", "x", nil)
	require.ErrorAs(t, err, new(*pingo.CrashError))
	require.False(t, errors.As(err, new(*pingo.GaveUpError)))
	wait(t, "the end", p.Done())
	_, errs, _ := rec.snapshot()
	require.Len(t, errs, 1)
}

var _ = helper("exit1", func() { os.Exit(1) })

// A restart that does not become ready counts as the crash did.
func TestRestartThatFails(t *testing.T) {
	// flaky exits the second time before it is ready, and works the third time
	state := filepath.Join(t.TempDir(), "starts")
	for _, status := range []string{"5", "0"} {
		supervised(t, "flaky", func(cfg *pingo.Config) {
			require.NoError(t, os.RemoveAll(state))
			cfg.Args = append(cfg.Args, state, status)
			cfg.RestartBudget = 2
		}, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
			p.Start()
			require.Error(t, p.Call("Lab.Exit", 1, nil))
			require.NoError(t, p.Call("Lab.Echo", "x", nil))
			_, errs, _ := rec.snapshot()
			require.Len(t, errs, 2)
			require.ErrorContains(t, errs[1], "status "+status)
			require.Error(t, p.Call("Lab.Exit", 1, nil))
			require.ErrorAs(t, p.Call("Lab.Echo", "x", nil), new(*pingo.GaveUpError))
		})
	}
}

var _ = helper("flaky", func() {
	starts, _ := os.ReadFile(os.Args[1])
	if err := os.WriteFile(os.Args[1], append(starts, '.'), 0o600); err != nil {
		fail(err)
	}
	if len(starts) == 1 {
		status, _ := strconv.Atoi(os.Args[2])
		os.Exit(status)
	}
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

func TestExecutableThatIsGoneUsesUpTheBudget(t *testing.T) {
	path, arg := program(t, "lab")
	moved := filepath.Join(t.TempDir(), "plugin.exe")
	binary, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(moved, binary, 0o700))
	cfg, _ := setup(t, "lab")
	cfg.Path, cfg.Args = moved, []string{arg}
	cfg.Restart, cfg.RestartDelay, cfg.RestartBudget = pingo.RestartOnFailure, 50*time.Millisecond, 3
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	go func() { _ = p.Call("Lab.Exit", 1, nil) }()
	for os.Remove(moved) != nil { // some systems keep it while it runs
		time.Sleep(time.Millisecond)
	}
	wait(t, "the end", p.Done())
	var history *pingo.GaveUpError
	require.ErrorAs(t, p.Err(), &history)
	require.True(t, errors.Is(p.Err(), os.ErrNotExist) || errors.Is(p.Err(), exec.ErrNotFound))
	require.ErrorAs(t, history.Failures[0].Err, new(*pingo.CrashError))
}

// keep is a value of a reference that numbers itself in its process.
type keep struct{ number int }

var keeperContract = codec.Contract{Name: "Keeper", Methods: codec.MethodsNamed("Open")}
var keepContract = codec.Contract{Name: "Keep", Methods: codec.MethodsNamed("Pid")}

func (k keep) service() *codec.Service {
	return &codec.Service{Contract: &keepContract, Handlers: []codec.Handler{
		func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			enc.Int(os.Getpid())
			return dec.Message(&codec.Nothing{})
		},
	}}
}

// keeps is a reply that mentions a keep.
type keeps struct{ ref *codec.Reference }

func (m *keeps) Encode(e *codec.Encoder) {
	k := keep{1}
	codec.EncodeInterface(e, false, k, nil, k.service)
}

func (m *keeps) Decode(d *codec.Decoder) {
	codec.DecodeInterface(d, func(r *codec.Reference) any { m.ref = r; return nil })
}

type number struct{ n int }

func (m *number) Encode(e *codec.Encoder) { e.Int(m.n) }
func (m *number) Decode(d *codec.Decoder) { m.n = d.Int() }

func (m *keeps) pid(ctx context.Context) (int, error) {
	var reply number
	err := m.ref.CallContext(ctx, "Pid", &codec.Nothing{}, &reply)
	return reply.n, err
}

var _ = helper("keeper", func() {
	pingo.Register(&codec.Service{Contract: &keeperContract, Handlers: []codec.Handler{
		func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
			enc.Message(&keeps{})
			return dec.Message(&codec.Nothing{})
		},
	}})
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

func TestReferencesEndWithTheirProcess(t *testing.T) {
	supervised(t, "keeper", nil, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		c := pingo.Bind(p, &keeperContract)
		p.Start()
		var old, young keeps
		require.NoError(t, c.CallContext(t.Context(), "Keeper.Open", &codec.Nothing{}, &old))
		was, err := old.pid(t.Context())
		require.NoError(t, err)
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		require.NoError(t, c.CallContext(t.Context(), "Keeper.Open", &codec.Nothing{}, &young))
		is, err := young.pid(t.Context())
		require.NoError(t, err)
		require.NotEqual(t, was, is)

		_, err = old.pid(t.Context())
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		old.ref.Release()
		_, imported := p.References()
		require.Equal(t, 1, imported, "the new process's is another")
		_, err = young.pid(t.Context())
		require.NoError(t, err)
		within(t, "Stop", p.Stop)
	})
}
