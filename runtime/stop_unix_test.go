//go:build unix

package pingo_test

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func ignoreTermination() { signal.Ignore(syscall.SIGTERM, syscall.SIGHUP) }

func TestStopOfAStoppedProcess(t *testing.T) {
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, syscall.Kill(pidOf(t, p), syscall.SIGSTOP))
		within(t, "Stop", p.Stop)
		require.NoError(t, p.Err())
	})
}

// suicide ends when its host may be about to connect.
var _ = helper("suicide", func() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		fail(err)
	}
	select {}
})

func TestKilledBeforeItIsReady(t *testing.T) {
	stopped(t, "suicide", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		var crash *pingo.CrashError
		require.ErrorAs(t, p.Call("Lab.Echo", "x", nil), &crash)
		require.Equal(t, syscall.SIGKILL, crash.Signal)
	})
}

// SpawnApart is Spawn for a grandchild that leaves the plugin's group.
func (*Lab) SpawnApart(_ int, pid *int) error {
	cmd := exec.Command(os.Args[0], helperPrefix+"block")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := cmd.Start()
	if err == nil {
		*pid = cmd.Process.Pid
	}
	return err
}

func TestStrangerHoldingOutputDoesNotHoldStop(t *testing.T) {
	program(t, "block")
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		var pid int
		require.NoError(t, p.Call("Lab.SpawnApart", 0, &pid))
		defer func() { require.NoError(t, syscall.Kill(pid, syscall.SIGKILL)) }()
		within(t, "Stop", p.Stop)
		require.True(t, alive(pid))
	})
}

func TestKilledByASignal(t *testing.T) {
	stopped(t, "lab", func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		pid := pidOf(t, p)
		failed := make(chan error, 1)
		go func() { failed <- p.Call("Lab.Hang", 0, nil) }()
		rec.await("hanging")
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		err := <-failed
		var crash *pingo.CrashError
		require.ErrorAs(t, err, &crash)
		require.Equal(t, -1, crash.ExitCode)
		require.Equal(t, syscall.SIGKILL, crash.Signal)
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		require.ErrorContains(t, err, `Lab.Hang: maybe executed: the plugin was ended by the signal "killed"`)
		within(t, "Stop", p.Stop)
	})
}

const abortedBy = "ended by the signal"
