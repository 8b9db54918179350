package pingo_test

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

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

func TestSandboxThatCannotBe(t *testing.T) {
	needsLandlock(t)
	attempt := func(s pingo.Sandbox, path string, args ...string) error {
		return start(t, pingo.Config{Path: path, Args: args, Sandbox: &s, StartTimeout: patience, ErrorHandler: newRecorder(t)}).Call("Lab.Echo", "x", nil)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for field, s := range map[string]pingo.Sandbox{"Read": {Read: []string{missing}}, "Write": {Write: []string{missing}}, "Execute": {Execute: []string{missing}}} {
		require.ErrorContains(t, attempt(s, "/bin/sh"), "not delivered: Config.Sandbox."+field+": open "+missing+": no such file or directory")
	}
	script := filepath.Join(t.TempDir(), "script")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o700))
	require.ErrorContains(t, attempt(pingo.Sandbox{}, script), "permission denied: the interpreter of a script, and the loader and libraries of a program that is not static (ldd shows them), have to be in Config.Sandbox.Execute; CGO_ENABLED=0 go build makes a static one of a Go program")
	require.ErrorIs(t, attempt(pingo.Sandbox{}, missing), fs.ErrNotExist)
	require.ErrorIs(t, attempt(pingo.Sandbox{}, "no-such-program"), exec.ErrNotFound)

	path, arg := program(t, "lab")
	t.Setenv("PINGO_ATTACH", filepath.Base(path)+"=/x")
	require.ErrorContains(t, attempt(pingo.Sandbox{}, path, arg), "a program that runs already cannot be put into Config.Sandbox")
}

// Where the kernel cannot hold the sandbox, the plugin does not run.
func TestSandboxFailsClosed(t *testing.T) {
	for _, c := range []struct {
		call, errno int
		want        string
	}{
		{444, int(syscall.ENOSYS), "Config.Sandbox: this kernel has no Landlock: function not implemented"},
		{444, int(syscall.EOPNOTSUPP), "Config.Sandbox: this kernel has Landlock switched off (the parameter lsm= does not name it): operation not supported"},
		{444, 0, "Config.Sandbox: this kernel has version 0 of Landlock, and version 4 is needed (Linux 6.7): unsupported operation"},
		{446, int(syscall.EPERM), "Config.Sandbox: landlock_restrict_self: operation not permitted"},
	} {
		if c.call == 446 {
			needsLandlock(t)
		}
		path, arg := program(t, "host whose kernel refuses")
		out, err := exec.Command(path, arg, fmt.Sprint(c.call), fmt.Sprint(c.errno)).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, c.want+"\n", string(out))
	}
}

// It refuses a system call of its own, and starts a plugin in a sandbox.
var _ = helper("host whose kernel refuses", func() {
	var call, errno uint32
	if _, err := fmt.Sscan(strings.Join(os.Args[1:], " "), &call, &errno); err != nil {
		fail(err)
	}
	if err := refuse(call, errno); err != nil {
		fail(err)
	}
	cfg := pingo.Config{Path: "/bin/true", Sandbox: &pingo.Sandbox{Execute: libraries()}, ErrorHandler: quiet{}}
	p := pingo.New(cfg)
	p.Start()
	fmt.Println(p.Ready(context.Background()))
})

// refuse makes a system call return an error in all threads, by seccomp; 0 makes it return 0.
func refuse(call, errno uint32) error {
	type filter struct {
		code uint16
		_    uint8 // where to go on if a comparison is true: the next rule
		jf   uint8
		k    uint32
	}
	const (
		loadWord, jumpEqual, ret = 0x20, 0x15, 0x06 // from linux/bpf_common.h
		retErrno, retAllow       = 0x00050000, 0x7fff0000
		setModeFilter, tsync     = 1, 1
		prSetNoNewPrivs          = 38
	)
	rules := []filter{{code: loadWord}, {code: jumpEqual, jf: 1, k: call}, {code: ret, k: retErrno | errno}, {code: ret, k: retAllow}}
	program := struct {
		n     uint16
		rules *filter
	}{uint16(len(rules)), &rules[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, _, e := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0); e != 0 {
		return e
	}
	if _, _, e := syscall.RawSyscall(sysSeccomp, setModeFilter, tsync, uintptr(unsafe.Pointer(&program))); e != 0 {
		return e
	}
	return nil
}

// sysSeccomp is of this architecture.
var sysSeccomp = map[string]uintptr{"amd64": 317, "arm64": 277}[runtime.GOARCH]
