package pingo_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestNewRefusesOtherTransports(t *testing.T) {
	require.PanicsWithValue(t, `pingo: invalid transport "udp": use "unix", "tcp" or "auto"`, func() {
		pingo.New(pingo.Config{Transport: "udp"})
	})
	require.PanicsWithValue(t, `pingo: Config.SharedMemory needs the transport "auto", not "tcp"`, func() {
		pingo.New(pingo.Config{Transport: "tcp", SharedMemory: 1})
	})
	require.NotPanics(t, func() { pingo.New(pingo.Config{Transport: "tcp", SharedMemory: -1}) })
	require.NotPanics(t, func() { pingo.New(pingo.Config{}) })
}

func TestEnvironment(t *testing.T) {
	t.Setenv("PINGO_TEST_SECRET", "x")
	t.Setenv("HOST_SECRET", "x")
	cfg, rec := setup(t, "lab")
	cfg.Env = []string{"GIVEN=1"}
	var env []string
	require.NoError(t, start(t, cfg).Call("Lab.Environ", 0, &env))
	require.Contains(t, env, "GIVEN=1")
	require.Contains(t, env, "PATH="+os.Getenv("PATH"))
	require.NotContains(t, env, "HOST_SECRET=x", "the environment does not leak")

	p := pingo.NewPlugin("auto", cfg.Path, cfg.Args...)
	p.SetErrorHandler(rec)
	p.SetTimeout(patience)
	p.Start()
	defer p.Stop()
	require.NoError(t, p.Call("Lab.Environ", 0, &env))
	require.Contains(t, env, "HOST_SECRET=x", "but for NewPlugin, which always passed it on")
	require.False(t, slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "PINGO_") }))
}

func TestEnvironmentThatIsNone(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Env = []string{"GIVEN=1", "EMPTY=", "nonsense"}
	err := start(t, cfg).Call("Lab.Echo", "x", nil)
	require.ErrorContains(t, err, `not delivered: Config.Env: "nonsense" is not of the form key=value`)
}

func TestDir(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Dir = t.TempDir()
	var dir string
	require.NoError(t, start(t, cfg).Call("Lab.Dir", 0, &dir))
	want, err := filepath.EvalSymlinks(cfg.Dir)
	require.NoError(t, err)
	require.Equal(t, want, dir)
}

func TestSocketDirectory(t *testing.T) {
	if !unixSockets() {
		t.Skip("this system has no unix sockets")
	}
	short := t.TempDir()
	long := filepath.Join(short, strings.Repeat("long", 20), strings.Repeat("longer", 10))
	require.NoError(t, os.MkdirAll(long, 0o700))
	for _, dir := range []string{short, long} {
		t.Run("", func(t *testing.T) {
			check := nothingRemains(t)
			cfg, _ := setup(t, "lab")
			cfg.Transport = "unix"
			p := pingo.New(cfg)
			p.SetSocketDirectory(dir)
			p.Start()
			require.NoError(t, p.Call("Lab.Echo", "x", nil))
			p.Stop()
			check()
			files, err := filepath.Glob(filepath.Join(dir, "pingo-*"))
			require.NoError(t, err)
			require.Empty(t, files)
		})
	}
}

func TestRelativeSocketDirectory(t *testing.T) {
	if !unixSockets() {
		t.Skip("this system has no unix sockets")
	}
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("sockets", 0o700))
	cfg, _ := setup(t, "lab")
	cfg.Transport = "unix"
	cfg.SocketDirectory = "sockets"
	cfg.Dir = t.TempDir()
	require.NoError(t, start(t, cfg).Call("Lab.Echo", "x", nil))
	files, err := os.ReadDir("sockets")
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestSocketDirectoryIsUsed(t *testing.T) {
	if !unixSockets() {
		t.Skip("this system has no unix sockets")
	}
	cfg, _ := setup(t, "lab")
	cfg.Transport = "unix"
	cfg.SocketDirectory = filepath.Join(t.TempDir(), "missing")
	err := start(t, cfg).Call("Lab.Echo", "x", nil)
	_, ok := err.(pingo.ErrConnectionFailed)
	require.True(t, ok, "%T: %v", err, err)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "missing")
}
