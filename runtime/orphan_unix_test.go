//go:build unix

package pingo_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// host starts a plugin with a grandchild, has it hang in a call, and prints the
// numbers of both.
var _ = helper("host", func() {
	p := pingo.New(pingo.Config{Path: os.Args[0], Args: []string{helperPrefix + os.Args[2]}, Transport: os.Args[1], StartTimeout: patience, ErrorHandler: printer{}})
	p.Start()
	var pid, child int
	if err := p.Call("Lab.Pid", 0, &pid); err != nil {
		fail(err)
	}
	if err := p.Call("Lab.Spawn", 0, &child); err != nil {
		fail(err)
	}
	fmt.Println("plugin", pid, child)
	_ = p.Call("Lab.Hang", 0, nil)
})

// printer passes on what the plugin prints.
type printer struct{}

func (printer) Error(err error) { fmt.Println("error", err) }
func (printer) Print(v any)     { fmt.Println(v) }

var _ = helper("ignorant", func() {
	ignoreTermination()
	pingo.Register(new(Lab))
	err := pingo.Serve(context.Background())
	for err != nil {
		select {} // what a plugin might do that does not care
	}
})

func TestPluginIsGoneWithItsHost(t *testing.T) {
	program(t, "block")
	for _, plugin := range []string{"lab", "ignorant"} {
		program(t, plugin)
		t.Run(plugin, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, transport string) {
				path, arg := program(t, "host")
				host := exec.Command(path, arg, transport, plugin)
				out, err := host.StdoutPipe()
				require.NoError(t, err)
				require.NoError(t, host.Start())
				pid, child := awaitHanging(t, out)
				require.NoError(t, host.Process.Signal(syscall.SIGKILL))
				_ = host.Wait()
				for _, pid := range []int{pid, child} {
					eventually(t, "the plugin or its child lives", func() string { return fmt.Sprint(alive(pid)) }, "false")
				}
			})
		})
	}
}

// awaitHanging reads the host's output until its plugin hangs in a call.
func awaitHanging(t *testing.T, out interface{ Read([]byte) (int, error) }) (pid, child int) {
	t.Helper()
	lines := bufio.NewScanner(out)
	for hanging := false; (!hanging || pid == 0) && lines.Scan(); {
		hanging = hanging || strings.Contains(lines.Text(), "hanging")
		_, _ = fmt.Sscanf(lines.Text(), "plugin %d %d", &pid, &child)
	}
	require.NotZero(t, pid)
	return pid, child
}
