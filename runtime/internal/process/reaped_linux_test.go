package process

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// lead starts a process that leads a group, and ends it when the test does.
func lead(t *testing.T, what string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "CHILD="+what, "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = leader()
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// Where the system reaps by itself, the number of a process may be somebody else's before that is noticed.
func TestGroupThatGotTheNumberIsLeftAlone(t *testing.T) {
	gone, other := lead(t, "exit:0"), lead(t, "sleep")
	var status syscall.WaitStatus
	_, err := syscall.Wait4(gone.Process.Pid, &status, 0, nil)
	require.NoError(t, err)
	pid := gone.Process.Pid
	gone.Process.Pid = other.Process.Pid
	g := group{gone}
	g.kill()
	g.terminate()
	gone.Process.Pid = pid
	g.kill() // nobody is there any more

	require.NoError(t, other.Process.Signal(syscall.SIGINT))
	_ = other.Wait()
	require.Equal(t, syscall.SIGINT, other.ProcessState.Sys().(syscall.WaitStatus).Signal(), "it was still there")
}

// A program that does not want to hear of its children still does of its plugins, but for how they have ended.
func TestChildrenThatTheSystemReaps(t *testing.T) {
	signal.Ignore(syscall.SIGCHLD)
	defer func() { // Reset leaves it ignored
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGCHLD)
		signal.Stop(c)
	}()
	p := run(t, "print:x", func(Line) {})
	<-p.Exited()
	require.Equal(t, -1, p.Exit().Code)
	p = run(t, "sleep", func(Line) {})
	p.Kill()
	<-p.Exited()
}
