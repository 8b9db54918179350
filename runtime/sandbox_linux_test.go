package pingo_test

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/landlock"
)

// needsLandlock skips a test where the kernel does not have it.
func needsLandlock(t *testing.T) (version int) {
	t.Helper()
	version, err := landlock.Version()
	if err != nil || version < landlock.MinVersion {
		t.Skip("this kernel has no Landlock that will do:", version, err)
	}
	return version
}

// libraries are where the loader and the libraries are that the test binary may need.
func libraries() (dirs []string) {
	for _, dir := range []string{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"} {
		if _, err := os.Stat(dir); err == nil {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// listener is a TCP port of the test's own.
func listener(t *testing.T) (port uint16) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

// freePort is a port that nobody listens on.
func freePort(t *testing.T) uint16 {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

// reach is what a plugin tries to reach.
type reach struct{ readable, writable, executable, connect, bind string }

// try returns what came of each attempt.
func (r reach) try(t *testing.T, p *pingo.Plugin) map[string]error {
	t.Helper()
	file := func(dir string) string { return filepath.Join(dir, "file") }
	errs := map[string]error{}
	for _, attempt := range []struct{ name, method, arg string }{
		{"read the readable", "Lab.ReadFile", file(r.readable)},
		{"list the readable", "Lab.List", r.readable},
		{"write the readable", "Lab.WriteFile", file(r.readable)},
		{"truncate the readable", "Lab.Truncate", file(r.readable)},
		{"make in the readable", "Lab.WriteFile", filepath.Join(r.readable, "new")},
		{"read the writable", "Lab.ReadFile", file(r.writable)},
		{"write the writable", "Lab.WriteFile", file(r.writable)},
		{"make and remove in the writable", "Lab.MakeAndRemove", r.writable},
		{"execute the writable", "Lab.Execute", filepath.Join(r.writable, "true")},
		{"execute the executable", "Lab.Execute", r.executable},
		{"read /etc/passwd", "Lab.ReadFile", "/etc/passwd"},
		{"list /", "Lab.List", "/"},
		{"make in the home directory", "Lab.MakeAndRemove", os.Getenv("HOME")},
		{"connect", "Lab.Connect", r.connect},
		{"listen", "Lab.Listen", r.bind},
	} {
		errs[attempt.name] = p.Call(attempt.method, attempt.arg, nil)
	}
	return errs
}

func TestSandbox(t *testing.T) {
	needsLandlock(t)
	t.Setenv("HOME", t.TempDir())
	executable, err := exec.LookPath("true")
	require.NoError(t, err)
	executable, err = filepath.EvalSymlinks(executable)
	require.NoError(t, err)
	program, err := os.ReadFile(executable)
	require.NoError(t, err)
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			port, free := listener(t), freePort(t)
			r := reach{t.TempDir(), t.TempDir(), executable, fmt.Sprint("127.0.0.1:", port), fmt.Sprint("127.0.0.1:", free)}
			for _, dir := range []string{r.readable, r.writable} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600))
			}
			require.NoError(t, os.WriteFile(filepath.Join(r.writable, "true"), program, 0o700))
			cfg, _ := setup(t, "lab")
			use(&cfg, transport)
			cfg.SocketDirectory = t.TempDir()

			for name, err := range r.try(t, start(t, cfg)) {
				require.NoError(t, err, "%s, without a sandbox", name)
			}
			require.NoError(t, os.WriteFile(filepath.Join(r.readable, "file"), []byte("x"), 0o600))
			require.NoError(t, os.Remove(filepath.Join(r.readable, "new")))
			cfg.Sandbox = &pingo.Sandbox{
				Read: []string{r.readable}, Write: []string{r.writable}, Execute: append(libraries(), executable),
				Connect: []uint16{port}, Bind: []uint16{free},
			}
			allowed := []string{
				"read the readable", "list the readable", "read the writable", "write the writable", "make and remove in the writable",
				"execute the executable", "connect", "listen",
			}
			for name, err := range r.try(t, start(t, cfg)) {
				if slices.Contains(allowed, name) {
					require.NoError(t, err, name)
				} else {
					require.ErrorIs(t, err, fs.ErrPermission, name)
				}
			}
			content, err := os.ReadFile(filepath.Join(r.readable, "file"))
			require.NoError(t, err)
			require.Equal(t, "x", string(content))

			cfg.Sandbox = &pingo.Sandbox{Execute: libraries()}
			for name, err := range r.try(t, start(t, cfg)) {
				require.ErrorIs(t, err, fs.ErrPermission, "%s, where nothing is allowed", name)
			}
		})
	}
}

// A plugin in a sandbox reaches no other process.
func TestSandboxOfSignalsAndAbstractSockets(t *testing.T) {
	if version := needsLandlock(t); version < 7 { // the first that surely signals its own threads
		t.Skip("this kernel's Landlock does not know of them: version", version)
	}
	name := fmt.Sprintf("@pingo-test-%d", os.Getpid())
	l, err := net.Listen("unix", name)
	require.NoError(t, err)
	defer l.Close()
	cfg, _ := setup(t, "lab")
	cfg.Transport = "unix" // which has sockets
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Signal", os.Getpid(), nil))
	require.NoError(t, p.Call("Lab.ConnectUnix", name, nil))
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries(), Connect: []uint16{1}}
	p = start(t, cfg)
	require.ErrorIs(t, p.Call("Lab.Signal", os.Getpid(), nil), syscall.EPERM)
	require.ErrorIs(t, p.Call("Lab.ConnectUnix", name, nil), syscall.EPERM)
	threads, err := filepath.Glob("/proc/self/task/*") // one that is in the sandbox as well would be reached
	require.NoError(t, err)
	for _, thread := range threads {
		require.ErrorIs(t, p.Call("Lab.SignalThread", thread, nil), syscall.EPERM)
	}
	var own int
	require.NoError(t, p.Call("Lab.Pid", 0, &own))
	require.NoError(t, p.Call("Lab.Signal", own, nil))
}

// What would go around the rules for TCP is not there.
func TestSandboxHasNoOtherSockets(t *testing.T) {
	needsLandlock(t)
	cfg, _ := setup(t, "lab")
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries()}
	free, p := start(t, func() pingo.Config { c := cfg; c.Sandbox = nil; return c }()), start(t, cfg)
	const mptcp = 262
	for name, kind := range map[string][]int{
		"UDP":           {syscall.AF_INET, syscall.SOCK_DGRAM, 0},
		"UDP over IPv6": {syscall.AF_INET6, syscall.SOCK_DGRAM, 0},
		"multipath TCP": {syscall.AF_INET, syscall.SOCK_STREAM, mptcp},
		"unix":          {syscall.AF_UNIX, syscall.SOCK_STREAM, 0},
		"netlink":       {syscall.AF_NETLINK, syscall.SOCK_RAW, 0},
	} {
		if err := free.Call("Lab.Socket", kind, nil); err != nil {
			t.Logf("this system has no %s: %v", name, err)
		}
		require.ErrorIs(t, p.Call("Lab.Socket", kind, nil), syscall.EACCES, name)
	}
	tcp := []int{syscall.AF_INET, syscall.SOCK_STREAM | syscall.SOCK_CLOEXEC, syscall.IPPROTO_TCP}
	require.ErrorIs(t, p.Call("Lab.Socket", tcp, nil), syscall.EACCES)
	require.ErrorIs(t, p.Call("Lab.IOUring", 0, nil), syscall.EACCES)
	cfg.Sandbox.Connect = []uint16{1}
	p = start(t, cfg)
	require.NoError(t, p.Call("Lab.Socket", tcp, nil))
	address := []int{int(listener(t))}
	require.NoError(t, free.Call("Lab.FastOpen", address, nil))
	require.ErrorIs(t, p.Call("Lab.FastOpen", address, nil), syscall.EACCES)
}

// Aims are what a plugin tries to get at, and in which way.
type Aims struct {
	Way          string
	Host         int
	File, Socket string
}

// What Landlock does not see is not there either, or only for the plugin itself.
func TestSandboxHasNoOtherWays(t *testing.T) {
	needsLandlock(t)
	dir := t.TempDir()
	a := Aims{"", os.Getpid(), filepath.Join(dir, "file"), filepath.Join(dir, "socket")}
	require.NoError(t, os.WriteFile(a.File, nil, 0o600))
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: a.Socket, Net: "unixgram"})
	require.NoError(t, err)
	defer l.Close()
	cfg, _ := setup(t, "lab")
	free := start(t, cfg)
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries(), Connect: []uint16{1}}
	p := start(t, cfg)
	for name := range ways {
		t.Run(name, func(t *testing.T) {
			a.Way = name
			if err := free.Call("Lab.Go", a, nil); err != nil {
				t.Logf("this system does not let processes do that: %v", err)
			}
			require.ErrorIs(t, p.Call("Lab.Go", a, nil), syscall.EACCES)
		})
	}
	require.NoError(t, p.Call("Lab.ChangeItself", 0, nil))
}

// What is open can be changed as well.
func TestSandboxOfModesAndTimes(t *testing.T) {
	needsLandlock(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	cfg, _ := setup(t, "lab")
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries(), Write: []string{file}}
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.ChangeOpen", file, nil))
	require.ErrorIs(t, p.Call("Lab.Go", Aims{Way: "mode", File: file}, nil), syscall.EACCES)
}

// The transport unix needs sockets. With no port to connect to, they connect to nothing.
func TestSandboxWithUnixSockets(t *testing.T) {
	needsLandlock(t)
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	require.NoError(t, err)
	defer l.Close()
	cfg, _ := setup(t, "lab")
	cfg.Transport = "unix"
	require.NoError(t, start(t, cfg).Call("Lab.ConnectUnix", l.Addr().String(), nil))
	cfg.Sandbox = &pingo.Sandbox{Execute: libraries()}
	require.ErrorIs(t, start(t, cfg).Call("Lab.ConnectUnix", l.Addr().String(), nil), syscall.EACCES)
}
