package process

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// The group is ended while the number of its leader cannot be anybody else's:
// the leader is a zombie then.
func TestGroupEndsBeforeItsNumberIsFree(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	runtime.LockOSThread() // which has started it waits for it
	defer runtime.UnlockOSThread()
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "CHILD=exit:0", "GORACE=atexit_sleep_ms=0")
	require.NoError(t, cmd.Start())
	var stat []byte
	reap(cmd, true, func() {
		stat, err = os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
	})
	require.NoError(t, err)
	require.Contains(t, string(stat), ") Z ")
	require.NoFileExists(t, fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
}
