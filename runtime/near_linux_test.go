//go:build (amd64 || arm64 || riscv64 || loong64) && !pingo_netpoll && !race

package pingo_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

var _ = helper("near host", func() {
	cfg := pingo.Config{Path: "/proc/self/exe", Args: []string{helperPrefix + "greeter"}, StartTimeout: patience}
	use(&cfg, os.Args[1])
	pid := make(chan int, 1)
	cfg.Events = func(e pingo.Event) {
		if started, ok := e.(pingo.EventStarted); ok {
			pid <- started.Pid
		}
	}
	p := pingo.New(cfg)
	p.Start()
	defer p.Stop()
	if err := p.Ready(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(callNearby(newGreeterClient(p), <-pid))
})

// callNearby calls a plugin on the same processor until neither side sleeps in most calls any more. It gives up
// when they did for three seconds with nobody else on the processor, or for ten seconds.
func callNearby(g *greeterClient, plugin int) string {
	const calls = 200
	begin := time.Now()
	for quiet := begin; ; {
		before := sleeps(os.Getpid()) + sleeps(plugin)
		for range calls {
			if _, err := g.SayHello(context.Background(), "neighbour"); err != nil {
				return err.Error()
			}
		}
		slept := sleeps(os.Getpid()) + sleeps(plugin) - before
		if processorIsWanted() {
			quiet = time.Now()
		}
		switch {
		case slept < calls/2:
			return "awake"
		case time.Since(quiet) > 3*time.Second:
			return fmt.Sprintf("%d calls slept %d times", calls, slept)
		case time.Since(begin) > 10*time.Second:
			return "busy"
		}
	}
}

var voluntary = regexp.MustCompile(`(?m)^voluntary_ctxt_switches:\s*(\d+)`)

// sleeps is how often threads of a process went to sleep.
func sleeps(pid int) (sum int) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, name := range threads {
		status, _ := os.ReadFile(name) // unless the thread has ended
		if m := voluntary.FindSubmatch(status); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			sum += n
		}
	}
	return sum
}

// processorIsWanted tells whether somebody else keeps the processor when he gets it.
func processorIsWanted() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := time.Now()
	for range 10 {
		_, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
	}
	return time.Since(begin) > time.Millisecond
}

// Where host and plugin have one processor, they give it to each other instead of going to sleep. With the race detector, a call
// takes so long that they hardly do.
func TestNeighboursStayAwake(t *testing.T) {
	for _, transport := range transports { // one after the other: it is one processor
		if !has(transport) {
			continue
		}
		path, arg := program(t, "near host")
		host := exec.Command(path, arg, transport)
		var out strings.Builder
		host.Stdout, host.Stderr = &out, os.Stderr
		require.NoError(t, startOnOneProcessor(host))
		require.NoError(t, host.Wait())
		if out.String() == "busy" {
			t.Skip("others want the processor")
		}
		require.Equal(t, "awake", out.String(), transport)
	}
}

// startOnOneProcessor starts a program on a processor of the calling thread's.
func startOnOneProcessor(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, one [1024 / 64]uint64
	if err := affinity(syscall.SYS_SCHED_GETAFFINITY, &all); err != nil {
		return err
	}
	for i, word := range all {
		if word != 0 {
			one[i] = word & -word
			break
		}
	}
	if err := affinity(syscall.SYS_SCHED_SETAFFINITY, &one); err != nil {
		return err
	}
	defer affinity(syscall.SYS_SCHED_SETAFFINITY, &all)
	return cmd.Start()
}

func affinity(call uintptr, set *[1024 / 64]uint64) error {
	if _, _, errno := syscall.RawSyscall(call, 0, unsafe.Sizeof(*set), uintptr(unsafe.Pointer(set))); errno != 0 {
		return errno
	}
	return nil
}
