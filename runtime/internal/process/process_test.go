package process

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const patience = time.Minute

// TestMain makes the test binary the child as well: with CHILD set, it does what that says.
func TestMain(m *testing.M) {
	switch what, arg, _ := strings.Cut(os.Getenv("CHILD"), ":"); what {
	case "":
		os.Exit(m.Run())
	case "print":
		fmt.Print(arg)
		fmt.Fprint(os.Stderr, strings.ToUpper(arg))
	case "exit":
		code := 0
		fmt.Sscan(arg, &code)
		os.Exit(code)
	case "read":
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(9)
	case "sleep":
		time.Sleep(time.Hour)
	}
}

// lines collects lines.
type lines struct {
	mu  sync.Mutex // protects following
	all []string
}

func (l *lines) add(line Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line.Text)
}

func run(t *testing.T, what string, line func(Line)) *Process {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	p, err := Start(Config{Path: exe, Env: append(os.Environ(), "CHILD="+what, "GORACE=atexit_sleep_ms=0"), Line: line})
	require.NoError(t, err)
	t.Cleanup(func() {
		p.Kill()
		<-p.Exited()
	})
	return p
}

func TestOutputAndStatus(t *testing.T) {
	var l lines
	p := run(t, "print:one\ntwo\r\nend", l.add)
	<-p.Exited()
	p.Flush(patience)
	p.Deliver(patience)
	require.ElementsMatch(t, []string{"one", "two", "end", "ONE", "TWO", "END"}, l.all)
	require.Equal(t, []string{"ONE", "TWO", "END"}, p.Stderr())
	require.Equal(t, 0, p.Exit().Code)

	p = run(t, "exit:7", nil)
	<-p.Exited()
	require.Equal(t, 7, p.Exit().Code)
}

func TestKill(t *testing.T) {
	p := run(t, "sleep", nil)
	p.Kill()
	<-p.Exited()
	require.NotEqual(t, 0, p.Exit().Code)
	p.Kill() // nobody is there any more, and nobody else is hit
	p.Terminate()
}

// A number that was let go of may be somebody else's.
func TestNobodyIsSignalledAfterTheEnd(t *testing.T) {
	p := run(t, "exit:0", func(Line) {})
	<-p.Exited()
	p.signal(func(group) { t.Error("the group was signalled") })
}

func TestStartFails(t *testing.T) {
	_, err := Start(Config{Path: "./no such file"})
	require.Error(t, err)
}

func TestLinesAreCutAnywhere(t *testing.T) {
	var got []string
	put := func(line string) { got = append(got, line) }
	buf := make([]byte, 8)
	used := 0
	for _, c := range []byte("a\n\nbcd\r\n0123456789\nx") {
		buf[used] = c
		used = putLines(buf, used+1, put)
	}
	require.Equal(t, []string{"a", "", "bcd", "01234567", "89"}, got)
	require.Equal(t, "x", string(buf[:used]))
}

func TestQueueDropsAndSaysSo(t *testing.T) {
	var l lines
	entered, leave := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() {
		close(entered)
		<-leave
	})
	q := newQueue(func(line Line) {
		once()
		l.add(line)
	})
	q.put(Line{Text: "first"})
	<-entered
	big := strings.Repeat("x", maxQueued-lineCost-10)
	q.put(Line{Text: big})
	for range 3 {
		q.put(Line{Text: "does not fit"})
	}
	close(leave)
	q.finish(patience)
	require.Equal(t, []string{"first", big, "pingo: 3 lines of output were dropped here, because the ErrorHandler is slower than the plugin"}, l.all)
}

func TestQueueIsBoundedForEmptyLines(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() {
		close(entered)
		<-leave
	})
	q := newQueue(func(Line) { once() })
	q.put(Line{Text: "first"})
	<-entered
	for range maxQueued {
		q.put(Line{Text: ""})
	}
	q.mu.Lock()
	require.Less(t, len(q.lines), maxQueued/10)
	q.mu.Unlock()
	close(leave)
	q.finish(patience)
}

func TestQueueDoesNotWaitForEver(t *testing.T) {
	var l lines
	entered, leave := make(chan struct{}), make(chan struct{})
	q := newQueue(func(line Line) {
		l.add(line)
		close(entered)
		<-leave
	})
	q.put(Line{Text: "x"})
	<-entered
	q.put(Line{Text: "y"})
	q.finish(time.Millisecond)
	idle := q.idle
	close(leave)
	<-idle
	q.put(Line{Text: "z"})
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Equal(t, []string{"x"}, l.all, "the rest is dropped")
}

func TestTail(t *testing.T) {
	var tl tail
	for i := range tailLines + 5 {
		tl.add(fmt.Sprint(i))
	}
	tl.add(strings.Repeat("x", 2*tailLine))
	got := tl.lines()
	require.Len(t, got, tailLines)
	require.Equal(t, "6", got[0])
	require.Len(t, got[tailLines-1], tailLine+len("..."))
}

func TestTailKeepsWhyAProgramDied(t *testing.T) {
	why := ""
	write := func(before, stack int) *tail {
		all := &tail{}
		for i := range before {
			all.add(fmt.Sprint("before ", i))
		}
		all.add(why)
		for i := range stack {
			all.add(fmt.Sprint("frame ", i))
		}
		return all
	}
	for _, why = range []string{"panic: oops", "fatal error: all goroutines are asleep - deadlock!", "SIGSEGV: segmentation violation"} {
		for _, stack := range []int{0, 10, tailLines - 1, tailLines, tailLines + 5, headLines + tailLines - 1} {
			got := write(30, stack).lines()
			require.Len(t, got, max(tailLines, stack+1))
			require.Contains(t, got, why)
			if stack > 0 {
				require.Equal(t, fmt.Sprint("frame ", stack-1), got[len(got)-1])
			}
		}
	}
	got := write(30, 1000).lines()
	require.Len(t, got, headLines+1+tailLines)
	require.Equal(t, []string{why, "frame 0"}, got[:2])
	require.Equal(t, fmt.Sprintf("... (%d lines)", 1001-headLines-tailLines), got[headLines])
	require.Equal(t, "frame 999", got[len(got)-1])
}

// The children that a program has beside its plugins are its own, whichever threads have started them.
func TestOtherChildrenAreLeftAlone(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	child := func(what string) (*exec.Cmd, io.Closer) {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), "CHILD="+what, "GORACE=atexit_sleep_ms=0")
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		return cmd, stdin
	}
	statuses := map[*exec.Cmd]int{}
	var inputs []io.Closer
	for range 20 {
		begun := make(chan struct{})
		go func() {
			defer close(begun)
			for what, status := range map[string]int{"read": 9, "exit:7": 7} {
				cmd, input := child(what)
				statuses[cmd] = status
				inputs = append(inputs, input)
			}
		}()
		<-begun
		p := run(t, "exit:0", func(Line) {})
		<-p.Exited()
	}
	for _, input := range inputs {
		_ = input.Close()
	}
	for cmd, status := range statuses {
		_ = cmd.Wait()
		require.Equal(t, status, cmd.ProcessState.ExitCode(), "%v", cmd.ProcessState)
	}
}
