package tool

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// What cannot be brought about in each test environment is explained as well.
func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err             error
		problem, remedy string
	}{
		{&exec.Error{Name: "p", Err: limits[0]}, "a limit keeps it from being started: ", "ulimit -a"},
		{&os.PathError{Op: "fork/exec", Path: "p", Err: os.ErrPermission}, "the system does not start it: ", "noexec"},
		{&os.PathError{Op: "fork/exec", Path: "p", Err: os.ErrNotExist}, "the system does not start it: ", "loader or interpreter is missing"},
		{pingo.ErrInvalidMessage{Err: errors.New("version 2")}, "it does not speak this version of the protocol: ", "same version of pingogen"},
		{&pingo.CrashError{ExitCode: -1, Signal: syscall.SIGKILL}, "it was killed from outside before it was ready", "limit of memory"},
		{&pingo.CrashError{ExitCode: -1, Signal: syscall.SIGSEGV}, "it was ended by the signal \"segmentation fault\" before it was ready", "debugger"},
		{&pingo.CrashError{ExitCode: 127, Stderr: []string{"sh: p: not found"}}, "as a shell does that cannot run a command", "absolute path"},
		{errors.New("odd"), "it did not start: odd", ""},
	} {
		d := &Diagnosis{}
		d.explain(Binary{}, c.err)
		require.Contains(t, d.Problem, c.problem)
		require.Contains(t, d.Remedy, c.remedy)
	}
}

func TestRunsHere(t *testing.T) {
	require.True(t, runsHere(runtime.GOOS+"/"+runtime.GOARCH))
	require.False(t, runsHere("plan9/mips"))
}
