package pingo_test

import (
	"fmt"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A stopped plugin whose host is gone hears nothing. The system wakes it up if
// nobody in its session can; in a container, which often is one session, that is
// not so.
func TestStoppedPluginIsGoneWithItsHostInOneSession(t *testing.T) {
	inheritOrphans(t, 1)
	defer inheritOrphans(t, 0)
	program(t, "block")
	program(t, "ignorant")
	path, arg := program(t, "host")
	host := exec.Command(path, arg, "auto", "ignorant")
	out, err := host.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, host.Start())
	pid, child := awaitHanging(t, out)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	require.NoError(t, host.Process.Signal(syscall.SIGKILL))
	_ = host.Wait()
	for _, pid := range []int{pid, child} {
		eventually(t, "the plugin or its child lives", func() string { return fmt.Sprint(alive(pid)) }, "false")
		_, err := syscall.Wait4(pid, nil, 0, nil)
		require.NoError(t, err)
	}
}

// inheritOrphans makes this process the parent of orphans, instead of one in
// another session.
func inheritOrphans(t *testing.T, on uintptr) {
	const setChildSubreaper = 36
	_, _, errno := syscall.Syscall6(syscall.SYS_PRCTL, setChildSubreaper, on, 0, 0, 0, 0)
	require.Zero(t, errno)
}
