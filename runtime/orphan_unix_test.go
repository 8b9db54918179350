//go:build unix

package pingo_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// host starts a plugin, has it hang in a call, and prints what it prints.
var _ = helper("host", func() {
	cfg := pingo.Config{Path: os.Args[0], Args: []string{helperPrefix + os.Args[2]}, StartTimeout: patience, GracePeriod: patience, ErrorHandler: printer{}}
	use(&cfg, os.Args[1])
	p := pingo.New(cfg)
	p.Start()
	var child int
	if err := p.Call("Lab.Spawn", 0, &child); err != nil {
		fail(err)
	}
	var pid int
	if err := p.Call("Lab.Pid", 0, &pid); err != nil {
		fail(err)
	}
	fmt.Println("plugin", pid, child)
	if len(os.Args) > 3 {
		go drain(p)
	}
	if os.Args[2] == "heeder" {
		_, _ = newGreeterClient(p).Meet(context.Background(), "x")
	} else {
		_ = p.Call("Lab.Hang", 0, nil)
	}
})

// heeder hangs in a call until its context ends.
type heeder struct{ greeter }

func (heeder) Meet(ctx context.Context, _ string) (string, error) {
	fmt.Println("hanging")
	<-ctx.Done()
	return "", ctx.Err()
}

var _ = helper("heeder", func() {
	registerGreeter(heeder{})
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

// drain stops the plugin, which hangs in a call, and says so when new calls are refused.
func drain(p *pingo.Plugin) {
	for p.Call("Lab.Echo", "x", nil) == nil {
		go p.Stop()
	}
	fmt.Println("draining")
}

// printer passes on what the plugin prints.
type printer struct{}

func (printer) Error(err error) { fmt.Println("error", err) }
func (printer) Print(v any)     { fmt.Println(v) }

// ignorant is a plugin that does not care about signals, contexts and errors.
var _ = helper("ignorant", func() {
	ignoreTermination()
	pingo.Register(new(Lab))
	err := pingo.Serve(context.Background())
	for err != nil {
		select {} // what a plugin might do that does not care
	}
})

// dawdler does not get as far as Run.
var _ = helper("dawdler", func() {
	ignoreTermination()
	var child int
	if err := new(Lab).Spawn(0, &child); err != nil {
		fail(err)
	}
	fmt.Println("plugin", os.Getpid(), child)
	fmt.Println("hanging")
	time.Sleep(time.Hour)
})

// orphaned runs a host whose plugin hangs, does something to the plugin, and
// kills the host: the plugin and its child end, and no file is left.
func orphaned(t *testing.T, plugin string, before func(pid int), args ...string) {
	program(t, "block")
	program(t, plugin)
	eachTransport(t, func(t *testing.T, transport string) {
		temp := t.TempDir()
		path, arg := program(t, "host")
		host := exec.Command(path, append([]string{arg, transport, plugin}, args...)...)
		host.Env = append(os.Environ(), "TMPDIR="+temp)
		out, err := host.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, host.Start())
		pid, child := awaitHanging(t, out, args...)
		before(pid)
		require.NoError(t, host.Process.Signal(syscall.SIGKILL))
		_ = host.Wait()
		for _, pid := range []int{pid, child} {
			eventually(t, "the plugin or its child lives", func() string { return fmt.Sprint(alive(pid)) }, "false")
		}
		files, err := os.ReadDir(temp)
		require.NoError(t, err)
		require.Empty(t, files)
	})
}

func TestPluginIsGoneWithItsHost(t *testing.T) {
	for _, plugin := range []string{"lab", "ignorant", "dawdler"} {
		t.Run(plugin, func(t *testing.T) { orphaned(t, plugin, func(int) {}) })
	}
}

// A host that is killed while it stops a plugin in a call does not end it in order.
func TestPluginIsGoneWithAHostThatStops(t *testing.T) {
	for _, plugin := range []string{"lab", "ignorant", "heeder"} {
		t.Run(plugin, func(t *testing.T) { orphaned(t, plugin, func(int) {}, "draining") })
	}
}

func TestStoppedPluginIsGoneWithItsHost(t *testing.T) {
	orphaned(t, "ignorant", func(pid int) { require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP)) })
}

// awaitHanging reads the host's output until its plugin hangs in a call, and
// perhaps until it says something else.
func awaitHanging(t *testing.T, out interface{ Read([]byte) (int, error) }, and ...string) (pid, child int) {
	t.Helper()
	lines := bufio.NewScanner(out)
	missing := append([]string{"hanging"}, and...)
	for (len(missing) > 0 || pid == 0) && lines.Scan() {
		missing = slices.DeleteFunc(missing, func(s string) bool { return strings.Contains(lines.Text(), s) })
		_, _ = fmt.Sscanf(lines.Text(), "plugin %d %d", &pid, &child)
	}
	require.NotZero(t, pid)
	return pid, child
}
