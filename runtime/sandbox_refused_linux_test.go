package pingo_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

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
		require.Equal(t, "plugin /bin/true: "+c.want+"\n", string(out))
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
