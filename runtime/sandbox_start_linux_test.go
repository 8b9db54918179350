package pingo_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// The sandbox is there before the program's first instruction, and holds for what it starts.
func TestSandboxHoldsFromTheStartAndForChildren(t *testing.T) {
	needsLandlock(t)
	rec := newRecorder(t)
	start(t, pingo.Config{
		Path: "/bin/sh", Args: []string{"-c", "read line </etc/passwd; sh -c 'read line </etc/passwd'; cat /etc/passwd; echo end >&2; exec sleep 1000"},
		Sandbox:      &pingo.Sandbox{Execute: append(libraries(), "/bin", "/usr/bin")},
		StartTimeout: patience, GracePeriod: -1, ErrorHandler: rec,
	})
	rec.await("end")
	lines, _, _ := rec.snapshot()
	denied := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.Contains(l, "ermission denied") })
	require.Len(t, denied, 3, "%q", lines)
	require.Len(t, lines, 4, "%q", lines)
}

// What else a start can do is still done: checksum, user, limits and the signal when the host ends.
func TestSandboxWithTheOtherSettings(t *testing.T) {
	needsLandlock(t)
	cfg := labForAll(t)
	cfg.Limits.OpenFiles = 50
	want := "50"
	if os.Geteuid() == 0 && mayLimitOthers() {
		cfg.User, cfg.Group = "65533", "65534"
		want = "50 65533 65533 65534 65534 []"
	}
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries()}
	check := nothingRemains(t)
	eachTransportInTurn(t, func(t *testing.T, transport string) {
		cfg := cfg
		use(&cfg, transport)
		cfg.SocketDirectory = sharedDir(t)
		p := pingo.New(cfg)
		p.Start()
		var got, who string
		require.NoError(t, p.Call("Lab.MaxFiles", 0, &got))
		if cfg.User != "" {
			require.NoError(t, p.Call("Lab.Who", 0, &who))
			got += " " + who
		}
		require.Equal(t, want, got)
		var signal int
		require.NoError(t, p.Call("Lab.ParentDeathSignal", 0, &signal))
		require.Equal(t, int(syscall.SIGCONT), signal)
		require.ErrorIs(t, p.Call("Lab.ReadFile", "/etc/passwd", nil), fs.ErrPermission)
		p.Stop()
		require.NoError(t, p.Err())
		left, err := os.ReadDir(cfg.SocketDirectory)
		require.NoError(t, err)
		require.Empty(t, left)
	})
	check()
}

func eachTransportInTurn(t *testing.T, test func(t *testing.T, transport string)) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) { test(t, transport) })
	}
}

func TestSandboxInACgroup(t *testing.T) {
	needsLandlock(t)
	dir := cgroups(t)
	cfg, _ := setup(t, "lab")
	cfg.Limits.Cgroup = dir
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries()}
	p := pingo.New(cfg)
	p.Start()
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
	p.Stop()
	require.NoError(t, p.Err())
	left, err := filepath.Glob(filepath.Join(dir, "pingo-*"))
	require.NoError(t, err)
	require.Empty(t, left, "the host may still remove it")
}

// What is swapped in, or restarted, is in the sandbox as well.
func TestSandboxAfterSwapAndRestart(t *testing.T) {
	needsLandlock(t)
	cfg, _, _ := labAt(t, filepath.Join(t.TempDir(), "lab"), "1")
	other := filepath.Join(t.TempDir(), "lab")
	variant(t, other, "2")
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries()}
	cfg.Restart, cfg.RestartDelay = pingo.RestartOnFailure, time.Millisecond
	p := start(t, cfg)
	denied := func() {
		t.Helper()
		require.ErrorIs(t, p.Call("Lab.ReadFile", "/etc/passwd", nil), fs.ErrPermission)
	}
	denied()
	require.NoError(t, p.Swap(t.Context(), other))
	denied()
	require.Error(t, p.Call("Lab.Exit", 1, nil))
	denied()
}
