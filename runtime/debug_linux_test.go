package pingo_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tracer attaches to a process as a debugger does, and lets it go on, also after the
// signals that it gets, until the test ends.
var _ = helper("tracer", func() {
	runtime.LockOSThread() // a process is traced by a thread
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	pid, err := strconv.Atoi(os.Args[1])
	if err == nil {
		err = syscall.PtraceAttach(pid)
	}
	var status syscall.WaitStatus
	if err == nil {
		_, err = syscall.Wait4(pid, &status, 0, nil)
	}
	if err == nil {
		err = syscall.PtraceCont(pid, 0)
	}
	fmt.Println("tracing:", err)
	for err == nil {
		if _, err = syscall.Wait4(pid, &status, 0, nil); err == nil && status.Stopped() {
			err = syscall.PtraceCont(pid, int(status.StopSignal()))
		}
	}
	select {}
})

// A debugger that attaches is noticed.
func TestDebuggerAttaches(t *testing.T) {
	p, pid := waiting(t)
	path, arg := program(t, "tracer")
	tracer := exec.Command(path, arg, strconv.Itoa(pid))
	_, err := tracer.StdinPipe()
	require.NoError(t, err)
	out, err := tracer.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, tracer.Start())
	defer func() {
		_ = tracer.Process.Kill()
		_ = tracer.Wait()
	}()
	said, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	if strings.Contains(said, syscall.EPERM.Error()) {
		t.Skip("this system lets nobody debug: ", said)
	}
	require.Equal(t, "tracing: <nil>\n", said)
	msg, err := newGreeterClient(p).SayHello(t.Context(), "bug")
	require.NoError(t, err)
	require.Equal(t, "Hello, bug", msg)
}
