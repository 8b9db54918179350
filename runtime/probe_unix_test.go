//go:build unix

package pingo_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestWedgedPluginIsRestarted(t *testing.T) {
	supervised(t, "lab", func(cfg *pingo.Config) { cfg.ProbeInterval = 300 * time.Millisecond }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		pid := pidOf(t, p)
		failed := make(chan error, 1)
		go func() { failed <- p.Call("Lab.Hang", 0, nil) }()
		rec.await("hanging")
		require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
		err := <-failed
		require.ErrorIs(t, err, pingo.ErrWedged)
		require.ErrorAs(t, err, new(*pingo.CrashError))
		require.ErrorContains(t, err, "the plugin gives no sign of life: it has left 3 probes unanswered, 300ms apart")
		require.NotEqual(t, pid, pidOf(t, p))
		within(t, "Stop", p.Stop)
	})
}
