package pingo_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// The host is not in its plugins' sandboxes, whichever of its threads does what.
func TestHostIsNotInTheSandbox(t *testing.T) {
	needsLandlock(t)
	if statusOf(t)["NoNewPrivs:"] != "0" {
		t.Skip("this process is restricted itself")
	}
	cfg, _ := setup(t, "lab")
	cfg.GracePeriod = -1
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries()}
	requireRestricted(t, 0) // those of other tests end with the processes
	for range 20 {
		p := pingo.New(cfg)
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		onEachThread(t, func() error {
			_, err := os.ReadFile("/etc/passwd")
			return err
		})
		requireRestricted(t, 0) // the thread that has started the process has ended
		p.Stop()
	}
	requireRestricted(t, 0)
}

// onEachThread runs f on more threads than there are idle ones.
func onEachThread(t *testing.T, f func() error) {
	const threads = 32
	all, errs := make(chan struct{}), make(chan error, threads)
	for range threads {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			<-all
			errs <- f()
		}()
	}
	close(all)
	for range threads {
		require.NoError(t, <-errs)
	}
}

func requireRestricted(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return restrictedThreads(t) == n }, patience, time.Millisecond, "%d threads", n)
}

// restrictedThreads counts those of this process that may not gain privileges.
func restrictedThreads(t *testing.T) (n int) {
	files, err := filepath.Glob("/proc/self/task/*/status")
	require.NoError(t, err)
	for _, file := range files {
		b, _ := os.ReadFile(file) // the thread may have ended
		if strings.Contains(string(b), "NoNewPrivs:\t1") {
			n++
		}
	}
	return n
}
