package pingo_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/soak"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

var update = flag.Bool("update", false, "rewrite docs/reliability.md with what is measured now")

// The fault matrix: a plugin is brought into each state, and then something happens to it. Each
// call ends, and the plugin, in the time that docs/reliability.md says.

const (
	matrixGrace = 200 * time.Millisecond
	atOnce      = 100 * time.Millisecond // what takes no time at all, on a busy machine
	exitBound   = 500 * time.Millisecond // for a process whose connection is gone, or the reverse
	hostBound   = time.Second            // for a plugin whose host is gone
)

// subject is a plugin in a state, and what has been called.
type subject struct {
	cfg     pingo.Config
	p       *pingo.Plugin
	pending chan error // the results of calls that are under way
	calls   int        // how many these are
	after   func() error
	left    func() int // how many tasks are left of it, if that can be seen
	cleanup func()
	failed  error // why the state could not be reached

	mu    sync.Mutex // protects following
	pids  []int      // of the processes, in the order of their start
	conns []*os.File // copies of the host's ends
}

// newSubject is a plugin that was not started.
func newSubject(exe, helper string, args ...string) *subject {
	s := &subject{pending: make(chan error, 10), cleanup: func() {}}
	s.cfg = pingo.Config{
		Path: exe, Args: append([]string{helperPrefix + helper}, args...),
		StartTimeout: patience, GracePeriod: matrixGrace, ProbeInterval: -1, ErrorHandler: quiet{},
		Events: func(e pingo.Event) {
			if started, ok := e.(pingo.EventStarted); ok {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.pids = append(s.pids, started.Pid)
			}
		},
		Wire: func(c net.Conn) net.Conn {
			if f, err := socketOf(c).File(); err == nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.conns = append(s.conns, f)
			}
			return c
		},
	}
	return s
}

// socketOf is the socket of a connection that was dialed.
func socketOf(c net.Conn) interface{ File() (*os.File, error) } {
	if s, ok := c.(*transport.Sharing); ok {
		c = s.Conn
	}
	return c.(interface{ File() (*os.File, error) })
}

func (s *subject) start() error {
	s.p = pingo.New(s.cfg)
	s.p.Start()
	return s.p.Ready(context.Background())
}

// call makes a call that will not end by itself.
func (s *subject) call(f func() error) {
	s.calls++
	go func() { s.pending <- f() }()
}

// hang makes a call and waits until it has arrived.
func (s *subject) hang() {
	printed := make(chan struct{}, 1)
	s.cfg.ErrorHandler = lineHandler(func() {
		select {
		case printed <- struct{}{}:
		default:
		}
	})
	if s.start() == nil {
		s.call(func() error { return s.p.Call("Lab.Hang", 0, nil) })
		<-printed
	}
}

// lineHandler is an ErrorHandler that is called for each line.
type lineHandler func()

func (lineHandler) Error(error) {}
func (h lineHandler) Print(any) { h() }

// started returns the numbers of n processes, once there are as many.
func (s *subject) started(n int) []int {
	for {
		s.mu.Lock()
		pids := s.pids
		s.mu.Unlock()
		if len(pids) >= n {
			return pids
		}
		time.Sleep(time.Millisecond)
	}
}

// cut ends the connection of the first process.
func (s *subject) cut() {
	for {
		s.mu.Lock()
		conns := s.conns
		s.mu.Unlock()
		if len(conns) > 0 {
			if raw, err := conns[0].SyscallConn(); err == nil {
				_ = raw.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_RDWR) })
			}
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// close lets go of everything that belongs to the test.
func (s *subject) close() {
	s.cleanup()
	s.p.Stop()
	for _, f := range s.conns {
		_ = f.Close()
	}
}

// state is a row.
type state struct {
	name  string
	make  func(exe, dir string) *subject
	extra time.Duration // that its end may take beside what the action says
	procs int           // how many processes there are
	deaf  bool          // signals other than SIGKILL do not end it
}

var states = []state{
	{name: "never started", make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.p = pingo.New(s.cfg)
		return s
	}},
	{name: "starting", procs: 1, make: func(exe, _ string) *subject {
		s := newSubject(exe, "idle")
		s.p = pingo.New(s.cfg)
		s.p.Start()
		s.call(func() error { return s.p.Call("Lab.Echo", "x", nil) })
		s.started(1)
		return s
	}},
	{name: "idle", procs: 1, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.cfg.ErrorHandler = quiet{}
		_ = s.start()
		return s
	}},
	{name: "in a call", procs: 1, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.hang()
		return s
	}},
	{name: "streaming", procs: 1, make: func(exe, dir string) *subject {
		s := newSubject(exe, "worker", filepath.Join(dir, "notes"))
		_ = s.start()
		seq, err := soak.NewWorkerClient(s.p).Count(context.Background(), 1<<40)
		flowing := make(chan struct{})
		s.call(func() error {
			for n, failure := range seq {
				if err = failure; err == nil && n == 1000 {
					close(flowing)
				}
			}
			return err
		})
		<-flowing
		return s
	}},
	{name: "holding references", procs: 1, make: func(exe, dir string) *subject {
		s := newSubject(exe, "worker", filepath.Join(dir, "notes"))
		_ = s.start()
		c, err := soak.NewWorkerClient(s.p).Open(context.Background(), 1)
		s.after = func() error {
			if err == nil {
				_, err = c.Next(context.Background())
			}
			return err
		}
		return s
	}},
	{name: "stopped by SIGSTOP, in a call", procs: 1, deaf: true, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		s.hang()
		_ = syscall.Kill(s.started(1)[0], syscall.SIGSTOP)
		return s
	}},
	{name: "ignoring signals, in a call", procs: 1, deaf: true, make: func(exe, _ string) *subject {
		s := newSubject(exe, "ignorant")
		s.hang()
		return s
	}},
	{name: "with 20 children", procs: 1, extra: atOnce, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		_ = s.start()
		for range 20 {
			_ = s.p.Call("Lab.Spawn", 0, nil)
		}
		return s
	}},
	{name: "fork-bombing within its limit", procs: 1, extra: atOnce, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		limit := 50
		user, alone := aloneAs(&s.cfg)
		if alone {
			s.left = func() int { return tasksOf(user) }
		} else {
			limit += tasksOf(user)
		}
		if alone && mayLimitOthers() {
			s.cfg.Limits.Processes = 2 * limit // the plugin does not die of what its children cannot have
		}
		_ = s.start()
		s.failed = s.p.Call("Lab.Bomb", limit, nil)
		return s
	}},
	{name: "output that nobody takes", procs: 1, extra: 2 * time.Second, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		full, release := make(chan struct{}), make(chan struct{})
		var once sync.Once
		s.cfg.ErrorHandler = lineHandler(func() {
			once.Do(func() { close(full) })
			<-release
		})
		s.cleanup = func() { close(release) }
		_ = s.start()
		s.call(func() error { return s.p.Call("Lab.Flood", 0, nil) })
		<-full
		return s
	}},
	{name: "a stranger holds its output", procs: 1, extra: exitBound, make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		_ = s.start()
		var stranger int
		_ = s.p.Call("Lab.Escape", 0, &stranger)
		s.cleanup = func() { _ = syscall.Kill(stranger, syscall.SIGKILL) }
		return s
	}},
	{name: "already dead", make: func(exe, _ string) *subject {
		s := newSubject(exe, "lab")
		if s.start() == nil {
			_ = s.p.Call("Lab.Exit", 1, nil)
			<-s.p.Done()
		}
		return s
	}},
	{name: "in a swap", procs: 2, make: func(exe, dir string) *subject {
		s := newSubject(exe, "lab")
		_ = s.start()
		silent := filepath.Join(dir, "silent.sh")
		_ = os.WriteFile(silent, []byte("#!/bin/sh\nexec '"+exe+"' "+helperPrefix+"idle\n"), 0o700)
		s.call(func() error { return s.p.Swap(context.Background(), silent) })
		s.started(2)
		return s
	}},
}

// Flood writes to stdout for ever.
func (*Lab) Flood(_ int, _ *int) error {
	for {
		fmt.Println("flood")
	}
}

// Escape starts a process outside of the group, which holds the output, and ends by itself if
// nobody is left to end it.
func (*Lab) Escape(_ int, pid *int) error {
	cmd := exec.Command("sleep", "20")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	*pid = cmd.Process.Pid
	return nil
}

// Bomb starts processes on and on, of which n can be at a time, this one's threads included. It returns when there
// are as many.
func (*Lab) Bomb(n int, _ *int) error {
	bomb := func() error {
		return exec.Command("/bin/sh", "-c", fmt.Sprintf("{ ulimit -p %[1]d || ulimit -u %[1]d; } 2>/dev/null; while sleep 20 & do :; done", n)).Run()
	}
	if err := bomb(); !errors.As(err, new(*exec.ExitError)) {
		return fmt.Errorf("the bomb did not end for want of processes: %w", err)
	}
	go func() {
		for {
			_ = bomb()
		}
	}()
	return nil
}

var aloneUsers atomic.Int32

// ownSum is the checksum of this program.
var ownSum = sync.OnceValue(func() string {
	content, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
})

// aloneAs has a plugin run as a user who runs nothing else, if this process may.
func aloneAs(cfg *pingo.Config) (user string, alone bool) {
	if os.Geteuid() != 0 {
		return strconv.Itoa(os.Geteuid()), false
	}
	user = strconv.Itoa(10_000 + (os.Getpid()*64+int(aloneUsers.Add(1)))%50_000)
	cfg.User, cfg.Group, cfg.Dir, cfg.SHA256 = user, "65534", "/", ownSum() // so that the user need not be able to read it
	return user, true
}

// tasksOf counts the threads of a user's processes.
func tasksOf(user string) (n int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		content, _ := os.ReadFile(filepath.Join(dir, "status"))
		status := string(content)
		if _, threads, ok := strings.Cut(status, "\nThreads:"); ok && strings.Contains(status, "\nUid:\t"+user+"\t") && !strings.Contains(status, "State:\tZ") {
			one := 0
			_, _ = fmt.Sscan(threads, &one)
			n += one
		}
	}
	return n
}

// action is a column.
type action struct {
	name  string
	bound func(state) time.Duration // 0 if it means nothing for a state
	do    []func(*subject)          // each for a plugin of its own
}

// crash is an action that ends a process that lives, by each of these signals.
func crash(name string, signals ...syscall.Signal) action {
	a := action{name: name, bound: func(s state) time.Duration {
		if s.procs == 0 || s.deaf && signals[0] != syscall.SIGKILL {
			return 0
		}
		return exitBound + s.extra
	}}
	for _, sig := range signals {
		if signal.Ignored(sig) { // which a plugin inherits; a shell without job control has its background ignore some
			continue
		}
		a.do = append(a.do, func(s *subject) { _ = syscall.Kill(s.started(1)[0], sig) })
	}
	return a
}

var actions = []action{
	{"Stop", func(s state) time.Duration {
		switch {
		case s.procs == 0, s.name == "starting":
			return atOnce
		}
		return 2*matrixGrace + atOnce + s.extra
	}, []func(*subject){func(s *subject) { s.p.Stop() }}},
	{"Shutdown, ctx ended", func(s state) time.Duration { return atOnce + s.extra }, []func(*subject){func(s *subject) { _ = s.p.Shutdown(ended()) }}},
	crash("SIGKILL", syscall.SIGKILL),
	crash("SIGSEGV", syscall.SIGSEGV),
	crash("SIGABRT", syscall.SIGABRT),
	crash("SIGTERM", syscall.SIGTERM),
	crash("another signal", syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSYS),
	{"connection cut", func(s state) time.Duration {
		if s.procs == 0 {
			return 0
		}
		return exitBound + atOnce + s.extra
	}, []func(*subject){(*subject).cut}},
}

// measure brings a plugin into a state, lets something happen, and returns how long it took until all had
// ended.
func measure(t *testing.T, st state, do func(*subject)) time.Duration {
	exe, err := os.Executable()
	require.NoError(t, err)
	s := st.make(exe, t.TempDir())
	defer s.close()
	begun := time.Now()
	require.NoError(t, s.failed)
	do(s)
	wait(t, "the end", s.p.Done())
	for range s.calls {
		select {
		case err := <-s.pending:
			require.Error(t, err)
			if failed := new(pingo.CallError); errors.As(err, &failed) {
				require.NotEqual(t, pingo.Executed, failed.Fate)
			}
		case <-time.After(patience):
			require.Fail(t, "a call does not end")
		}
	}
	took := time.Since(begun)
	if s.left != nil {
		eventually(t, "processes remain", func() string { return fmt.Sprint(s.left()) }, "0")
	}
	require.Error(t, s.p.Call("Lab.Echo", "x", nil))
	if s.after != nil {
		require.Error(t, s.after())
	}
	select {
	case err := <-s.pending:
		require.Fail(t, "a call has ended twice", "%v", err)
	default:
	}
	return took
}

// matrix-host brings a plugin into a state, and waits to be killed.
var _ = helper("matrix-host", func() {
	for _, st := range states {
		if st.name == os.Args[1] {
			s := st.make(os.Args[0], os.Args[2])
			fmt.Println(strings.Trim(fmt.Sprint(s.started(st.procs)), "[]"))
			select {}
		}
	}
})

// orphan kills the host of a plugin in a state, and returns how long the plugin lives on.
func orphan(t *testing.T, st state) time.Duration {
	exe, arg := program(t, "matrix-host")
	cmd := exec.Command(exe, arg, st.name, t.TempDir())
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	begun := time.Now()
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	for field := range strings.FieldsSeq(line) {
		var pid int
		_, err := fmt.Sscan(field, &pid)
		require.NoError(t, err)
		eventually(t, "the plugin lives on", func() string { return fmt.Sprint(alive(pid)) }, "false")
	}
	return time.Since(begun)
}

func TestFaultMatrix(t *testing.T) {
	for _, name := range []string{"lab", "idle", "worker", "ignorant", "block"} {
		program(t, name)
	}
	rows := make([][]*string, len(states))
	t.Run("cells", func(t *testing.T) {
		for i, st := range states {
			for _, a := range actions {
				rows[i] = append(rows[i], cell(t, st, a.name, a.bound(st), func(t *testing.T) (longest time.Duration) {
					for _, do := range a.do {
						longest = max(longest, measure(t, st, do))
					}
					return longest
				}))
			}
			bound := hostBound
			if st.procs == 0 {
				bound = 0
			}
			rows[i] = append(rows[i], cell(t, st, "host killed", bound, func(t *testing.T) time.Duration { return orphan(t, st) }))
		}
	})
	if t.Failed() {
		return
	}
	var table strings.Builder
	table.WriteString("| state |")
	for _, a := range actions {
		table.WriteString(" " + a.name + " |")
	}
	table.WriteString(" host killed |\n|---" + strings.Repeat("|---", len(actions)+1) + "|\n")
	for i, st := range states {
		table.WriteString("| " + st.name + " |")
		for _, text := range rows[i] {
			table.WriteString(" " + *text + " |")
		}
		table.WriteString("\n")
	}
	compareMatrix(t, table.String())
}

// cell measures one cell, whose text is there when all tests of t have ended.
func cell(t *testing.T, st state, name string, bound time.Duration, f func(t *testing.T) time.Duration) *string {
	text := "–"
	if bound == 0 {
		return &text
	}
	t.Run(st.name+"/"+name, func(t *testing.T) {
		if !*update {
			t.Parallel()
		}
		took := f(t)
		for range 4 { // the machine may have been busy
			if *update && took > bound {
				took = f(t)
			}
		}
		text = fmt.Sprintf("%d / %d ms", bound.Milliseconds(), took.Milliseconds())
		if *update {
			require.LessOrEqual(t, took, bound)
		}
	})
	return &text
}

// compareMatrix compares the table in docs/reliability.md, without what was measured, or writes it.
func compareMatrix(t *testing.T, table string) {
	const file, begin, end = "../docs/reliability.md", "<!-- matrix -->\n", "<!-- end -->\n"
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(content), begin)
	old, after, ok2 := strings.Cut(rest, end)
	require.True(t, ok && ok2, "%s has no place for the table", file)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+table+end+after), 0o600))
		return
	}
	measured := regexp.MustCompile(`/ \d+ ms`)
	require.Equal(t, measured.ReplaceAllString(old, "/ N ms"), measured.ReplaceAllString(table, "/ N ms"), "run go test ./runtime -run FaultMatrix -update")
}
