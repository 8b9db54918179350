package pingo_test

import (
	"bytes"
	"errors"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// These are the documented behaviours of the original pingo.

func TestNewPluginRefusesOtherProtocols(t *testing.T) {
	for _, proto := range []string{"", "udp", "TCP", "unix "} {
		require.Panics(t, func() { pingo.NewPlugin(proto, "plugin") }, proto)
	}
	for _, proto := range originals {
		require.NotPanics(t, func() { pingo.NewPlugin(proto, "plugin") })
	}
}

func TestString(t *testing.T) {
	require.Equal(t, "plugins/hello a b", pingo.NewPlugin("tcp", "plugins/hello", "a", "b").String())
	require.Equal(t, "plugins/hello", pingo.NewPlugin("tcp", "plugins/hello").String())
}

func TestCall(t *testing.T) {
	eachOf(t, originals, func(t *testing.T, transport string) {
		path, arg := program(t, "lab")
		p := pingo.NewPlugin(transport, path, arg)
		p.SetErrorHandler(newRecorder(t))
		p.SetTimeout(patience)
		p.Start()
		defer p.Stop()

		objects, err := p.Objects()
		require.NoError(t, err)
		require.Equal(t, []string{"Lab"}, objects)

		var echoed string
		require.NoError(t, p.Call("Lab.Echo", "from your plugin", &echoed))
		require.Equal(t, "from your plugin", echoed)

		var pair Pair
		require.NoError(t, p.Call("Lab.Swap", Pair{"k", []int{1, 2}}, &pair), "a value for a pointer argument, as gob allows")
		require.Equal(t, Pair{"k!", []int{1, 2}}, pair)

		var counts map[string]int
		require.NoError(t, p.Call("Lab.Count", []string{"a", "b", "a"}, &counts))
		require.Equal(t, map[string]int{"a": 2, "b": 1}, counts)
	})
}

func TestArgumentsReachThePluginUnchanged(t *testing.T) {
	cfg, _ := setup(t, "lab", "-pingo:prefix=x", "--", "two words", "")
	p := start(t, cfg)
	var args []string
	require.NoError(t, p.Call("Lab.Args", 0, &args))
	require.Equal(t, []string{"-pingo:prefix=x", "--", "two words", ""}, args, "nothing is added")
}

func TestNilReplyIsDropped(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
}

func TestReplyStaysAsItWasAfterAnError(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	reply := 7
	err := p.Call("Lab.Fail", "no luck", &reply)
	require.EqualError(t, err, "no luck")
	require.Equal(t, 7, reply)
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
}

func TestSettersPanicAfterStart(t *testing.T) {
	cfg, rec := setup(t, "lab")
	p := start(t, cfg)
	require.PanicsWithValue(t, "pingo: SetErrorHandler called after Start", func() { p.SetErrorHandler(rec) })
	require.PanicsWithValue(t, "pingo: SetSocketDirectory called after Start", func() { p.SetSocketDirectory("x") })
	require.PanicsWithValue(t, "pingo: SetTimeout called after Start", func() { p.SetTimeout(time.Second) })
}

// idle is a program that is no plugin.
var _ = helper("idle", func() { time.Sleep(time.Hour) })

func TestRegistrationTimeout(t *testing.T) {
	eachOf(t, originals, func(t *testing.T, transport string) {
		path, arg := program(t, "idle")
		p := pingo.NewPlugin(transport, path, arg)
		p.SetErrorHandler(newRecorder(t))
		p.SetTimeout(50 * time.Millisecond)
		p.SetTimeout(0) // ignored, as is the next
		p.SetTimeout(-time.Second)
		p.Start()
		defer p.Stop()
		for range 2 {
			err := p.Call("Lab.Echo", "x", nil)
			_, ok := err.(pingo.ErrRegistrationTimeout)
			require.True(t, ok, "%T: %v", err, err)
			require.ErrorContains(t, err, "plugin "+p.String()+": Lab.Echo: not delivered: the plugin did not start: it runs, but was not ready within 50ms; its main function has to call pingo.Run")
			require.ErrorAs(t, err, new(*pingo.CallError))
			require.ErrorAs(t, err, new(*pingo.StartError))
			require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		}
		_, err := p.Objects()
		require.ErrorAs(t, err, new(pingo.ErrRegistrationTimeout))
		require.True(t, strings.HasPrefix(err.Error(), "plugin "+p.String()+": the plugin did not start: it runs, "), err)
	})
}

func TestErrorTypesAreDistinct(t *testing.T) {
	cause := errors.New("cause")
	errs := []error{
		pingo.ErrConnectionFailed{Err: cause},
		pingo.ErrHttpServe{Err: cause},
		pingo.ErrInvalidMessage{Err: cause},
		pingo.ErrRegistrationTimeout{Err: cause},
	}
	for i, err := range errs {
		require.ErrorIs(t, err, cause)
		require.Equal(t, i == 0, errors.As(err, new(pingo.ErrConnectionFailed)))
		require.Equal(t, i == 1, errors.As(err, new(pingo.ErrHttpServe)))
		require.Equal(t, i == 2, errors.As(err, new(pingo.ErrInvalidMessage)))
		require.Equal(t, i == 3, errors.As(err, new(pingo.ErrRegistrationTimeout)))
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	}
}

func TestDefaultErrorHandler(t *testing.T) {
	var out bytes.Buffer
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	var h pingo.ErrorHandler = pingo.NewDefaultErrorHandler()
	h.Error(errors.New("bad"))
	h.Print("line")
	lines := strings.Split(out.String(), "\n")
	require.True(t, strings.HasSuffix(lines[0], " error: bad"), lines[0])
	require.True(t, strings.HasSuffix(lines[1], " line"), lines[1])
}

func TestDefaultErrorHandlerNamesThePlugin(t *testing.T) {
	for name, start := range map[string]func(pingo.Config) (p *pingo.Plugin, stop func()){
		"Plugin": func(cfg pingo.Config) (*pingo.Plugin, func()) { p := pingo.New(cfg); p.Start(); return p, p.Stop },
		"Pool": func(cfg pingo.Config) (*pingo.Plugin, func()) {
			p := pingo.NewPool(1, cfg)
			p.Start()
			return p.Plugins()[0], p.Stop
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log.SetOutput(&out)
			defer log.SetOutput(os.Stderr)
			cfg, _ := setup(t, "lab")
			cfg.ErrorHandler = nil
			p, stop := start(cfg)
			require.NoError(t, p.Call("Lab.Print", "line\n", nil))
			require.Error(t, p.Call("Lab.Exit", 3, nil))
			within(t, "the end", func() { <-p.Done() })
			within(t, "Stop", stop)
			require.Contains(t, out.String(), " plugin "+p.String()+": line\n")
			require.Contains(t, out.String(), " error: plugin "+p.String()+": the plugin exited by itself with status 3")
		})
	}
}

func TestPingoRpcExit(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	err := p.Call("PingoRpc.Exit", 5, nil)
	var crash *pingo.CrashError
	require.ErrorAs(t, err, &crash)
	require.Equal(t, 5, crash.ExitCode)
}
