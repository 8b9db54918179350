package pingo_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
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
			if failed := new(pingo.CallError); errors.As(err, &failed) && !errors.Is(err, pingo.ErrStopped) { // which has cancelled it
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
