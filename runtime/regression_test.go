package pingo_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Defects of the original pingo and of its peers, each with a real plugin. Those
// about stopping are in stop_test.go, those about the port in package handshake.

func TestGrandchildHoldingOutputDoesNotHoldStop(t *testing.T) {
	program(t, "block")
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		var pid int
		require.NoError(t, p.Call("Lab.Spawn", 0, &pid))
		within(t, "Stop", p.Stop)
		require.NoError(t, p.Err())
		eventually(t, "the grandchild lives", func() string { return fmt.Sprint(alive(pid)) }, "false")
	})
}

func TestGrandchildEndsWithACrash(t *testing.T) {
	program(t, "block")
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		var pid int
		require.NoError(t, p.Call("Lab.Spawn", 0, &pid))
		require.Error(t, p.Call("Lab.Exit", 1, nil))
		wait(t, "the end", p.Done())
		eventually(t, "the grandchild lives", func() string { return fmt.Sprint(alive(pid)) }, "false")
	})
}

func TestAnyAmountOfOutputWithoutALineEnd(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "lab")
		use(&cfg, transport)
		p := start(t, cfg)
		const n = 300_000
		require.NoError(t, p.Call("Lab.Spill", -n, nil), "stderr, while stdout is open")
		require.NoError(t, p.Call("Lab.Spill", n, nil))
		require.NoError(t, p.Call("Lab.Echo", "x", nil))
		within(t, "Stop", p.Stop)
		lines, _, _ := rec.snapshot()
		require.Equal(t, 2*n, len(strings.Join(lines, "")), "all of it, in pieces")
	})
}

func TestOutputIsInOrder(t *testing.T) {
	cfg, rec := setup(t, "lab")
	p := start(t, cfg)
	var want []string
	for i := range 200 {
		want = append(want, fmt.Sprint("line ", i))
		require.NoError(t, p.Call("Lab.Print", want[i]+"\n", nil))
	}
	require.NoError(t, p.Call("Lab.Print", "\nwindows\r\nno end", nil))
	want = append(want, "", "windows", "no end")
	p.Stop()
	lines, _, _ := rec.snapshot()
	require.Equal(t, want, lines)
}

// hold is an ErrorHandler that does not return from Print.
type hold struct{ entered, leave chan struct{} }

func (*hold) Error(error) {}

func (h *hold) Print(any) {
	select {
	case h.entered <- struct{}{}:
	default:
	}
	<-h.leave
}

func TestSlowHandlerBlocksNobody(t *testing.T) {
	cfg, _ := setup(t, "lab")
	h := &hold{entered: make(chan struct{}, 1), leave: make(chan struct{})}
	defer close(h.leave)
	cfg.ErrorHandler = h
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Print", "x\n", nil))
	<-h.entered
	for range 5 {
		require.NoError(t, p.Call("Lab.Spill", 1<<20, nil), "more than is kept")
	}
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
	within(t, "Stop", p.Stop)
}

// Whoever waits for an error does not wait for the handler, which gets all the
// time that it wants here.
func TestSlowHandlerDelaysNoError(t *testing.T) {
	defer pingo.SetDeliveryTime(24 * patience)()
	for _, test := range []struct {
		helper string
		args   []string
		calls  []string
	}{
		{"lab", []string{"print:ready\n"}, []string{"Lab.Exit", "Lab.Echo"}},
		{"early", []string{"1"}, []string{"Lab.Echo"}},
	} {
		cfg, _ := setup(t, test.helper, test.args...)
		h := &hold{entered: make(chan struct{}, 1), leave: make(chan struct{})}
		cfg.ErrorHandler = h
		p := pingo.New(cfg)
		p.Start()
		<-h.entered
		for _, method := range test.calls {
			within(t, method, func() { require.ErrorAs(t, p.Call(method, 3, nil), new(*pingo.CrashError)) })
		}
		close(h.leave)
		wait(t, "the end", p.Done())
	}
}

func TestWhateverAPluginPrintsItStarts(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		victim := filepath.Join(t.TempDir(), "victim")
		require.NoError(t, os.WriteFile(victim, nil, 0o600))
		lines := []string{"ready: proto=tcp addr=127.0.0.1:1", "ready: proto=unix addr=" + victim, "pingo: fatal: err-connection-failed: x", "1|1|unix|" + victim + "|grpc"}
		cfg, rec := setup(t, "lab", "print:"+strings.Join(lines, "\n")+"\n")
		use(&cfg, transport)
		p := start(t, cfg)
		require.NoError(t, p.Call("Lab.Echo", "x", nil))
		p.Stop()
		got, _, _ := rec.snapshot()
		require.Equal(t, lines, got, "and it is handed over as it is")
		require.FileExists(t, victim)
	})
}

// early ends before it is ready.
var _ = helper("early", func() {
	fmt.Fprintln(os.Stderr, "not today")
	code := 0
	fmt.Sscan(os.Args[1], &code)
	os.Exit(code)
})

func TestExitBeforeReadyIsNoticedAtOnce(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		for code := range 2 {
			cfg, rec := setup(t, "early", fmt.Sprint(code))
			use(&cfg, transport)
			cfg.StartTimeout = 24 * patience
			p := start(t, cfg)
			within(t, "the first call", func() {
				err := p.Call("Lab.Echo", "x", nil)
				var crash *pingo.CrashError
				require.ErrorAs(t, err, &crash)
				require.Equal(t, code, crash.ExitCode)
				require.Equal(t, []string{"not today"}, crash.Stderr)
				require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
			})
			wait(t, "the end", p.Done())
			require.Error(t, p.Err())
			_, errs, _ := rec.snapshot()
			require.Len(t, errs, 1, "a plugin that exits is no reason to try another transport")
		}
	})
}

// flags has flags of its own, with the names that the original pingo took.
var _ = helper("flags", func() {
	prefix := flag.String("pingo:prefix", "", "")
	flag.String("pingo:proto", "", "")
	flag.String("pingo:unixdir", "", "")
	flag.Parse()
	if *prefix != "mine" || flag.NArg() != 1 {
		os.Exit(4)
	}
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

func TestFlagsAreThePluginsOwn(t *testing.T) {
	cfg, _ := setup(t, "flags", "-pingo:prefix=mine", "rest")
	require.NoError(t, start(t, cfg).Call("Lab.Echo", "x", nil))
}

func TestNoSecretsInSight(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "lab")
		use(&cfg, transport)
		p := start(t, cfg)
		var args, env []string
		require.NoError(t, p.Call("Lab.Args", 0, &args))
		require.NoError(t, p.Call("Lab.Environ", 0, &env))
		require.Empty(t, args)
		for _, v := range env {
			require.False(t, strings.HasPrefix(v, "PINGO_"), "%s would make a plugin of the plugin's children", v)
		}
		p.Stop()
		lines, _, _ := rec.snapshot()
		require.Empty(t, lines)
	})
}
