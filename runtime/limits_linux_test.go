package pingo_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// endsBy requires that a call ends the plugin by a limit.
func endsBy(t *testing.T, cfg pingo.Config, want pingo.LimitError, method string) *pingo.CrashError {
	t.Helper()
	check := nothingRemains(t)
	p := pingo.New(cfg)
	p.Start()
	require.NoError(t, p.Ready(t.Context()))
	err := p.Call(method, 0, nil)
	var crash *pingo.CrashError
	require.ErrorAs(t, err, &crash)
	var limit *pingo.LimitError
	require.ErrorAs(t, err, &limit, "%v", err)
	require.Equal(t, want, *limit)
	require.Contains(t, crash.Error(), limit.Error())
	wait(t, "the end", p.Done())
	check()
	return crash
}

func TestMemoryLimit(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits.Memory = 512 << 20
	endsBy(t, cfg, pingo.LimitError{Limit: "Limits.Memory", Value: 512 << 20}, "Lab.Gorge")
}

func TestCPUTimeLimit(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits.CPUTime = 500 * time.Millisecond // which the system makes a second
	cfg.ProbeInterval = -1
	crash := endsBy(t, cfg, pingo.LimitError{Limit: "Limits.CPUTime", Value: 5e8}, "Lab.Compute")
	require.Equal(t, syscall.SIGKILL, crash.Signal)
	require.ErrorContains(t, crash, `the plugin was ended by the signal "killed": the limit Config.Limits.CPUTime of 500ms was exceeded`)
}

func TestProcessLimit(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root becomes somebody else")
	}
	cfg := labForAll(t)
	cfg.User, cfg.Group = "65531", "65534"
	cfg.Limits.Processes = 40
	if !mayLimitOthers() {
		require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), "Limits of a process of another user need CAP_SYS_RESOURCE")
		return
	}
	endsBy(t, cfg, pingo.LimitError{Limit: "Limits.Processes", Value: 40}, "Lab.Threads")
}

// mayLimitOthers tells whether this process may limit what other users' have.
func mayLimitOthers() bool {
	const sysResource = 24
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "CapEff:")
	var caps uint64
	_, err := fmt.Sscanf(after, "%x", &caps)
	return err == nil && caps&(1<<sysResource) != 0
}

func TestProcessLimitOfTheHostsUser(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits.Processes = 40
	require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), "Limits.Processes needs Limits.Cgroup, or a Config.User of the plugin's own")
}

// A plugin that may not open more files lives on, and says why it cannot.
func TestOpenFilesLimit(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits.OpenFiles = 30
	p := start(t, cfg)
	err := p.Call("Lab.OpenMany", 0, nil)
	require.ErrorContains(t, err, syscall.EMFILE.Error())
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
}

// The limits are there before the program's first instruction, and hold for what it starts.
func TestLimitsHoldFromTheStartAndForChildren(t *testing.T) {
	rec := newRecorder(t)
	start(t, pingo.Config{
		Path: "/bin/sh", Args: []string{"-c", "ulimit -Hn; ulimit -Ht; ulimit -Hd; sh -c 'ulimit -Hn'; echo end; exec sleep 1000"},
		Limits:       pingo.Limits{OpenFiles: 50, CPUTime: 90 * time.Second, Memory: 1 << 30},
		StartTimeout: patience, GracePeriod: -1, ErrorHandler: rec,
	})
	rec.await("end")
	lines, _, _ := rec.snapshot()
	require.Equal(t, []string{"50", "90", "1048576", "50", "end"}, lines)
}

func TestLimitsThatCannotBeHeld(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits = pingo.Limits{Memory: 1 << 30, Cgroup: filepath.Join(t.TempDir(), "missing")}
	require.ErrorIs(t, start(t, cfg).Call("Lab.Echo", "x", nil), os.ErrNotExist)
	cfg.Limits.Cgroup = t.TempDir()
	require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), "is not in a hierarchy of version 2")
	left, err := os.ReadDir(cfg.Limits.Cgroup)
	require.NoError(t, err)
	require.Empty(t, left)
}

// cgroups is a directory in which this process may make control groups.
func cgroups(t *testing.T) string {
	for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err != nil {
			continue
		}
		dir, err := os.MkdirTemp(root, "pingo-test-")
		if err == nil {
			t.Cleanup(func() { _ = os.Remove(dir) })
			return dir
		}
	}
	t.Skip("this process may not make control groups")
	return ""
}

// What leaves the process group ends with the control group.
func TestCgroup(t *testing.T) {
	dir := cgroups(t)
	cfg, _ := setup(t, "lab")
	cfg.Limits.Cgroup = dir
	p := pingo.New(cfg)
	p.Start()
	var pid int
	require.NoError(t, p.Call("Lab.SpawnApart", 0, &pid))
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	require.NoError(t, err)
	require.Contains(t, string(b), "/"+filepath.Base(dir)+"/pingo-")
	p.Stop()
	require.NoError(t, p.Err())
	left, err := filepath.Glob(filepath.Join(dir, "pingo-*"))
	require.NoError(t, err)
	require.Empty(t, left)
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	require.Empty(t, cmdline, "it has ended, whether or not somebody has waited for it: %v", err)
}

func TestCgroupWithoutItsController(t *testing.T) {
	dir := cgroups(t)
	cfg, _ := setup(t, "lab")
	cfg.Limits = pingo.Limits{Cgroup: dir, Processes: 100}
	require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), "write +pids to cgroup.subtree_control of "+dir)
}

func TestCgroupLimits(t *testing.T) {
	dir := cgroups(t)
	if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+memory +pids"), 0); err != nil {
		t.Skip("this process may not limit the memory of control groups:", err)
	}
	cfg, _ := setup(t, "lab")
	cfg.Limits = pingo.Limits{Cgroup: dir, Memory: 200 << 20}
	endsBy(t, cfg, pingo.LimitError{Limit: "Limits.Memory", Value: 200 << 20}, "Lab.Gorge")
	cfg.Limits = pingo.Limits{Cgroup: dir, Processes: 40}
	endsBy(t, cfg, pingo.LimitError{Limit: "Limits.Processes", Value: 40}, "Lab.Threads")
}

// Gorge takes memory until there is no more.
func (*Lab) Gorge(_ int, _ *int) error {
	var all [][]byte
	for {
		b := make([]byte, 16<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
		if len(all) > 200 {
			return errors.New("it got 3 GiB")
		}
	}
}

func (*Lab) Compute(_ int, _ *int) error {
	for n := uint64(1); n != 0; n *= 3 { // an odd number stays odd
	}
	return nil
}

// Threads starts threads until there are no more.
func (*Lab) Threads(_ int, _ *int) error {
	for range 1000 {
		started := make(chan bool)
		go func() {
			close(started)
			var fds [2]int
			if syscall.Pipe2(fds[:], 0) == nil {
				_, _ = syscall.Read(fds[0], make([]byte, 1)) // for ever, on a thread of its own
			}
		}()
		<-started
	}
	return errors.New("it got 1000 threads")
}

func (*Lab) OpenMany(_ int, _ *int) error {
	for range 100 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			return err
		}
		defer f.Close()
	}
	return nil
}
