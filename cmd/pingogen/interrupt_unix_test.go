//go:build unix

package main

import (
	"bufio"
	"context"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A signal ends what a command waits for, and the plugin with it. The command says so,
// and has the status for that.
func TestSignals(t *testing.T) {
	plugin, err := exec.LookPath("waiting-plugin")
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		args   []string
		signal syscall.Signal
		says   string
	}{
		{"call", []string{"call", plugin, "Store.Wait", `"a"`, "0"}, syscall.SIGINT, "pingogen: Store.Wait: maybe executed: interrupt signal received\n"},
		{"call ended", []string{"call", plugin, "Store.Wait", `"a"`, "0"}, syscall.SIGTERM, "pingogen: Store.Wait: maybe executed: terminated signal received\n"},
		{"warm-up", []string{"bench", "-duration", "1h", plugin, "Store.Wait", `"a"`, "0"}, syscall.SIGINT, "pingogen: interrupt signal received\n"},
		{"start", []string{"inspect", "-start", "-timeout", "1h", "-arg", waitBefore, plugin}, syscall.SIGINT, "pingogen: interrupt signal received\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "pingogen", c.args...)
			stderr, err := cmd.StderrPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			var said strings.Builder
			lines := bufio.NewScanner(stderr)
			for lines.Scan() {
				if lines.Text() == waits { // the plugin has said it, so that there is something to end
					require.NoError(t, cmd.Process.Signal(c.signal))
					continue
				}
				said.WriteString(lines.Text() + "\n")
			}
			require.Error(t, cmd.Wait())
			require.Equal(t, c.says, said.String())
			require.Equal(t, exitSignal, cmd.ProcessState.ExitCode())
		})
	}
}
