package diagnose

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What cannot be brought about in each test environment is said as well.
func TestWords(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	refused := func(err error) Finding {
		return Refused(self, &os.PathError{Op: "fork/exec", Path: self, Err: err})
	}
	for _, c := range []struct {
		found           Finding
		problem, remedy string
	}{
		{Refused(self, &exec.Error{Name: self, Err: limits[0]}), "a limit keeps it from being started: ", "ulimit -a"},
		{refused(os.ErrPermission), "the system does not start it: ", "noexec"},
		{refused(os.ErrNotExist), "the system does not start it: ", "loader or interpreter is missing"},
		{refused(syscall.ETXTBSY), "the system does not start it: ", "by renaming it"},
		{refused(exec.ErrDot), "the system does not start it: ", "absolute path"},
		{refused(errors.New("odd")), "the system does not start it: ", ""},
		{refused(exec.ErrNotFound), "the system does not start it: ", "write ." + string(os.PathSeparator)},
		{Refused("", errors.New("exec: no command")), "no path of an executable was given", "Config.Path"},
		{Refused("/no/such/plugin", os.ErrNotExist), "there is no such file", "check the path"},
		{Late(time.Second), "it runs, but was not ready within 1s", "Config.StartTimeout"},
		{Protocol(errors.New("version 2")), "it does not speak this version of the protocol: version 2", "same version of github.com/pingogen/pingogen"},
		{Limit(errors.New("Limits.Memory")), "a limit ended it before it was ready: Limits.Memory", "raise the limit"},
		{Exited(-1, syscall.SIGKILL, true), "it was killed from outside before it was ready", "limit of memory"},
		{Exited(-1, syscall.SIGSEGV, true), "it was ended by the signal \"segmentation fault\" before it was ready", "debugger"},
		{Exited(127, nil, false), "as a shell does that cannot run a command", "absolute path"},
		{Exited(0, nil, true), "it exited with status 0 without calling pingo.Run", "pingo.Run"},
		{Exited(0, nil, false), "it exited with status 0 before it was ready", "see what it wrote"},
		{Exited(3, nil, false), "it exited with status 3 before it was ready", "Config.Args"},
	} {
		require.Contains(t, c.found.Problem, c.problem)
		require.Contains(t, c.found.Remedy, c.remedy)
	}
}

// A path is no command line: what stands behind a program's name is what keeps it from being found.
func TestPathWithArguments(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my plugins") // which has a space in it as well
	require.NoError(t, os.Mkdir(dir, 0o700))
	plugin := filepath.Join(dir, "hello.exe")
	require.NoError(t, os.WriteFile(plugin, []byte("x"), 0o700))
	t.Setenv("PATH", dir)
	for _, program := range []string{plugin, "hello.exe"} {
		found := Refused(program+" -v  1", os.ErrNotExist)
		require.Equal(t, "there is no such file", found.Problem)
		require.Equal(t, "the path is "+program+` alone: ["-v" "1"] go into Config.Args, or behind the path of NewPlugin`, found.Remedy)
	}
	for _, path := range []string{filepath.Join(dir, "hi"), filepath.Join(dir, "hi") + " -v", dir + " -v", " ", plugin + "-v"} {
		require.Equal(t, Missing(), Refused(path, os.ErrNotExist), path)
	}
}

func TestRunsHere(t *testing.T) {
	require.True(t, runsHere(runtime.GOOS+"/"+runtime.GOARCH))
	require.True(t, runsHere(runtime.GOOS))
	require.False(t, runsHere("plan9/mips"))
}

// A host links none of the packages that read whole executables.
func TestHostsLinkNoDebugPackages(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("go lists what is linked")
	}
	out, err := exec.Command("go", "list", "-deps", "github.com/pingogen/pingogen/runtime").Output()
	require.NoError(t, err)
	require.NotRegexp(t, `(?m)^debug/(elf|macho|pe|buildinfo)$`, string(out))
}
