//go:build unix

package pingo_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// waiting starts a plugin that waits for a debugger, and returns its pid. No clock of
// its host would let it.
func waiting(t *testing.T) (*pingo.Plugin, int) {
	t.Setenv("PINGO_DEBUG", "wait")
	cfg, rec := setup(t, "greeter")
	cfg.StartTimeout, cfg.ProbeInterval = time.Nanosecond, time.Nanosecond
	p := start(t, cfg)
	line := regexp.MustCompile(`^pingo: .* waits for a debugger: dlv attach (\d+)`)
	pid := 0
	rec.awaitFunc(func(lines []string, _ []error) bool {
		m := line.FindStringSubmatch(strings.Join(lines, "\n"))
		if m != nil {
			pid, _ = strconv.Atoi(m[1])
		}
		return m != nil
	})
	return p, pid
}

func TestDebugWait(t *testing.T) {
	p, pid := waiting(t)
	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	msg, err := newGreeterClient(p).SayHello(t.Context(), "bug")
	require.NoError(t, err)
	require.Equal(t, "Hello, bug", msg)
}

// One plugin of several is meant by the name of its executable.
func TestDebugWaitOfAnother(t *testing.T) {
	t.Setenv("PINGO_DEBUG", "wait:another")
	cfg, _ := setup(t, "greeter")
	_, err := newGreeterClient(start(t, cfg)).SayHello(t.Context(), "bug")
	require.NoError(t, err)
}

// A plugin that waits ends with its host, too, and can be stopped.
func TestDebugWaitStops(t *testing.T) {
	p, _ := waiting(t)
	within(t, "Stop", p.Stop)
}

// byHand starts a helper that listens for hosts, and returns what it says to set.
func byHand(t *testing.T) (cmd *exec.Cmd, attach string) {
	path, arg := program(t, "greeter")
	cmd = exec.Command(path, arg)
	cmd.Env = append(os.Environ(), "PINGO_ATTACH=listen", "TMPDIR="+t.TempDir())
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	cmd.Stderr, cmd.Stdout = w, w
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = r.Close()
	})
	var said string
	for buf := make([]byte, 1024); attach == ""; {
		n, err := r.Read(buf)
		require.NoError(t, err, said)
		said += string(buf[:n])
		if m := regexp.MustCompile(`\tPINGO_ATTACH=(.*)\n`).FindStringSubmatch(said); m != nil {
			attach = m[1]
		}
	}
	require.Contains(t, said, "pingo: process "+strconv.Itoa(cmd.Process.Pid)+" waits for its host.")
	go func() { // what it goes on to say
		for buf := make([]byte, 1024); ; {
			if _, err := r.Read(buf); err != nil {
				return
			}
		}
	}()
	return cmd, attach
}

// A program that was started by hand serves one host after the other.
func TestAttach(t *testing.T) {
	cmd, attach := byHand(t)
	t.Setenv("PINGO_ATTACH", "another=x,"+attach)
	for range 3 {
		started := make(chan int, 1)
		cfg, _ := setup(t, "lab") // which is not started
		cfg.StartTimeout = time.Nanosecond
		cfg.Events = func(e pingo.Event) {
			if e, ok := e.(pingo.EventStarted); ok {
				started <- e.Pid
			}
		}
		p := start(t, cfg)
		var msg string
		eventually(t, "it does not listen again", func() string { // it needs a moment between two hosts
			var err error
			if msg, err = newGreeterClient(p).SayHello(t.Context(), "bug"); err != nil {
				p.Stop()
				p = start(t, cfg)
				return err.Error()
			}
			return ""
		}, "")
		require.Equal(t, "Hello, bug", msg)
		require.Equal(t, cmd.Process.Pid, <-started)
		within(t, "Stop", p.Stop)
		require.NoError(t, p.Err())
	}
	require.True(t, alive(cmd.Process.Pid))

	// It may end under its host.
	cfg, _ := setup(t, "lab")
	var p *pingo.Plugin
	eventually(t, "it does not listen again", func() string {
		p = start(t, cfg)
		if err := p.Ready(t.Context()); err != nil {
			return err.Error()
		}
		return ""
	}, "")
	require.NoError(t, cmd.Process.Kill())
	wait(t, "the end", p.Done())
	require.ErrorAs(t, p.Err(), new(*pingo.CrashError))
}

func TestAttachToNothing(t *testing.T) {
	cfg, _ := setup(t, "lab")
	name := strings.TrimSuffix(cfg.Path[strings.LastIndexByte(cfg.Path, '/')+1:], ".exe")
	t.Setenv("PINGO_ATTACH", name+"=/nowhere")
	err := start(t, cfg).Ready(t.Context())
	require.ErrorContains(t, err, "attaching to the program of PINGO_ATTACH="+name+"=/nowhere: open /nowhere: no such file or directory")
}
