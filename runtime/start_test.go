package pingo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestAutoFallsBackAndSaysSo(t *testing.T) {
	for _, test := range []struct {
		fail []string
		said []string
	}{
		{[]string{"auto"}, []string{"the transport auto cannot be set up, trying the transport unix: connection failed: no auto: today"}},
		{[]string{"auto", "unix"}, []string{
			"the transport auto cannot be set up, trying the transport unix: connection failed: no auto: today",
			"the transport unix cannot be set up, trying the transport tcp: connection failed: no unix: today",
		}},
	} {
		defer pingo.FailSetUp(errors.New("today"), test.fail...)()
		cfg, rec := setup(t, "lab")
		cfg.SharedMemory = -1
		p := start(t, cfg)
		require.NoError(t, p.Call("Lab.Echo", "x", nil))
		p.Stop()
		_, errs, _ := rec.snapshot()
		require.Len(t, errs, len(test.said))
		for i, err := range errs {
			require.ErrorContains(t, err, test.said[i])
		}
	}
}

// That memory cannot be shared hears who has asked for it.
func TestMemoryFallsBackAndSaysSo(t *testing.T) {
	for _, test := range []struct {
		why   error
		asked int
		said  string
	}{
		{errors.New("today"), 1, "shared memory cannot be set up, trying the transport auto: connection failed: no memory: today"},
		{errors.ErrUnsupported, 1, "shared memory cannot be set up, trying the transport auto: connection failed: no memory: unsupported operation"},
		{errors.New("today"), 0, ""},
		{errors.ErrUnsupported, 0, ""},
	} {
		if test.asked == 0 && !pingo.SharesMemory {
			continue
		}
		defer pingo.FailSetUp(test.why, "memory")()
		cfg, _ := setup(t, "lab")
		told := make(complaints, 10)
		cfg.ErrorHandler, cfg.SharedMemory = told, test.asked
		p := start(t, cfg)
		require.NoError(t, p.Call("Lab.Echo", "x", nil))
		p.Stop()
		close(told)
		err, any := <-told // on Windows there are more
		require.Equal(t, test.said != "", any && strings.Contains(err.Error(), "shared memory"), "%+v: %v", test, err)
		if test.said != "" {
			require.ErrorContains(t, err, test.said)
		}
	}
}

// complaints is an ErrorHandler.
type complaints chan error

func (c complaints) Error(err error) { c <- err }
func (c complaints) Print(any)       {}

func TestNoTransportAtAll(t *testing.T) {
	defer pingo.FailSetUp(errors.New("today"), "memory", "auto", "unix", "tcp")()
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	err := p.Call("Lab.Echo", "x", nil)
	_, ok := err.(pingo.ErrConnectionFailed)
	require.True(t, ok, "%T: %v", err, err)
	require.EqualError(t, err, "connection failed: plugin "+p.String()+": Lab.Echo: not delivered: no tcp: today")
}

// spoilSockets removes the directories of sockets before the plugin listens.
func spoilSockets(t *testing.T, cfg *pingo.Config) (restore func()) {
	if !unixSockets() {
		t.Skip("this system has no unix sockets")
	}
	cfg.SocketDirectory = t.TempDir()
	return pingo.AfterSetUp(func() {
		dirs, err := filepath.Glob(filepath.Join(cfg.SocketDirectory, "pingo-*"))
		require.NoError(t, err)
		for _, dir := range dirs {
			require.NoError(t, os.Remove(dir))
		}
	})
}

func TestPluginThatCannotListen(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Transport = "unix"
	defer spoilSockets(t, &cfg)()
	p := start(t, cfg)
	err := p.Call("Lab.Echo", "x", nil)
	_, ok := err.(pingo.ErrHttpServe)
	require.True(t, ok, "%T: %v", err, err)
	require.ErrorContains(t, err, "the plugin cannot listen: plugin "+p.String()+": Lab.Echo: not delivered: listen unix")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
}

func TestAutoFallsBackWhenThePluginCannotListen(t *testing.T) {
	defer pingo.FailSetUp(errors.New("today"), "auto")()
	cfg, rec := setup(t, "lab")
	cfg.SharedMemory = -1
	defer spoilSockets(t, &cfg)()
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
	p.Stop()
	_, errs, _ := rec.snapshot()
	require.Len(t, errs, 2)
	require.ErrorContains(t, errs[1], "the transport unix cannot be set up, trying the transport tcp: the plugin cannot listen")
}

func TestAutoDoesNotHideAFailureOfThePlugin(t *testing.T) {
	defer pingo.FailSetUp(errors.New("today"), "auto")()
	cfg, rec := setup(t, "early", "1")
	cfg.SharedMemory = -1
	p := start(t, cfg)
	require.ErrorAs(t, p.Call("Lab.Echo", "x", nil), new(*pingo.CrashError))
	wait(t, "the end", p.Done())
	_, errs, _ := rec.snapshot()
	require.Len(t, errs, 2, "the fallback to unix, and the crash: %v", errs)
}

func TestReady(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, _ := setup(t, "lab")
		use(&cfg, transport)
		p := start(t, cfg)
		p.Start() // once more is nothing
		require.NoError(t, p.Ready(t.Context()))
		require.NoError(t, p.Err())
		select {
		case <-p.Done():
			t.Fatal("Done before Stop")
		default:
		}
		p.Stop()
		require.ErrorIs(t, p.Ready(t.Context()), pingo.ErrStopped)
	})
}
