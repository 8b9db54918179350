package pingo_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// diary keeps the events of a plugin.
type diary struct {
	mu   sync.Mutex
	list []pingo.Event
}

func (d *diary) write(e pingo.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, e)
}

func (d *diary) read() []pingo.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.list
}

// kinds are the events without those that come whenever they do.
func (d *diary) kinds() string {
	var kinds []string
	for _, e := range d.read() {
		switch e.(type) {
		case pingo.EventOutput, pingo.EventCallFailed:
		default:
			kinds = append(kinds, strings.TrimPrefix(fmt.Sprintf("%T", e), "pingo.Event"))
		}
	}
	return strings.Join(kinds, " ")
}

// text has a line for each event.
func (d *diary) text() string {
	var b strings.Builder
	for _, e := range d.read() {
		fmt.Fprintln(&b, e)
	}
	return b.String()
}

// last is the kind of the last event.
func (d *diary) last() string {
	list := d.read()
	if len(list) == 0 {
		return "none"
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", list[len(list)-1]), "pingo.Event")
}

func TestEvents(t *testing.T) {
	var d *diary
	supervised(t, "lab", func(cfg *pingo.Config) { d = new(diary); cfg.Events = d.write; cfg.RestartBudget = 1 }, func(t *testing.T, p *pingo.Plugin, rec *recorder) {
		p.Start()
		require.NoError(t, p.Call("Lab.Echo", "x", nil))
		require.EqualError(t, p.Call("Lab.Fail", "on purpose", nil), "on purpose", "which is no event")
		require.NoError(t, p.Call("Lab.Print", "hello\n", nil))
		rec.await("hello")
		var pids [2]int
		for i := range pids {
			require.NoError(t, p.Call("Lab.Pid", 0, &pids[i]))
			require.Error(t, p.Call("Lab.Exit", 1, nil))
			if i == 0 {
				require.NoError(t, p.Ready(t.Context()))
			}
		}
		wait(t, "the end", p.Done())
		require.Error(t, p.Call("Lab.Echo", "too late to be an event", nil))
		require.Equal(t, "Started Ready Crashed Restarting Started Ready Crashed GaveUp Stopped", d.kinds())
		failed, process := 0, -1
		for i, e := range d.read() {
			switch e := e.(type) {
			case pingo.EventStarted:
				process++
				require.Equal(t, pids[process], e.Pid)
			case pingo.EventReady:
				require.Equal(t, pids[process], e.Pid)
				require.Equal(t, p.String(), e.Plugin)
				require.WithinDuration(t, time.Now(), e.Time, patience)
			case pingo.EventOutput:
				require.Equal(t, "hello", e.Line)
				require.Equal(t, pids[0], e.Pid)
			case pingo.EventCallFailed:
				failed++
				require.Equal(t, "Lab.Exit", e.Method)
				require.Contains(t, pids, e.Pid)
				require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(e.Err))
			case pingo.EventCrashed:
				require.ErrorAs(t, e.Err, new(*pingo.CrashError))
				require.Equal(t, pids[process], e.Pid)
			case pingo.EventRestarting:
				require.Positive(t, e.Delay)
				require.Equal(t, 1, e.Failures)
				require.Equal(t, pids[0], e.Pid)
			case pingo.EventGaveUp:
				require.Len(t, e.Err.Failures, 2)
				require.Equal(t, pids[1], e.Pid)
			case pingo.EventStopped:
				require.Equal(t, p.Err(), e.Err)
				require.Equal(t, pids[1], e.Pid)
			default:
				t.Errorf("%d: %T", i, e)
			}
		}
		require.Positive(t, failed) // the last call may have failed after the last event
		require.LessOrEqual(t, failed, len(pids))
	})
}

func TestTextOfEvents(t *testing.T) {
	info := pingo.EventInfo{Plugin: "bin/hello -v", Time: time.Unix(1, 0), Pid: 42}
	none := pingo.EventInfo{Plugin: "bin/hello -v"}
	crash := &pingo.CrashError{ExitCode: 3}
	for want, e := range map[string]pingo.Event{
		"plugin bin/hello -v: process 42: started":            pingo.EventStarted{EventInfo: info},
		"plugin bin/hello -v: process 42: ready":              pingo.EventReady{EventInfo: info},
		"plugin bin/hello -v: process 42: stdout: all's well": pingo.EventOutput{EventInfo: info, Line: "all's well"},
		"plugin bin/hello -v: process 42: stderr: all's well": pingo.EventOutput{EventInfo: info, Line: "all's well", Stderr: true},
		"plugin bin/hello -v: process 42: Lab.Echo failed: maybe executed: the plugin exited by itself with status 3": pingo.EventCallFailed{
			EventInfo: info, Method: "Lab.Echo", Err: &pingo.CallError{Plugin: "bin/hello -v", Method: "Lab.Echo", Fate: pingo.MaybeExecuted, Err: crash}},
		"plugin bin/hello -v: Lab.Echo failed: late": pingo.EventCallFailed{
			EventInfo: none, Method: "Lab.Echo", Err: pingo.ErrRegistrationTimeout{Err: errors.New("late")}},
		"plugin bin/hello -v: process 42: crashed: the plugin exited by itself with status 3":            pingo.EventCrashed{EventInfo: info, Err: crash},
		"plugin bin/hello -v: process 42: another is started in 100ms, after failure 2":                  pingo.EventRestarting{EventInfo: info, Delay: 100 * time.Millisecond, Failures: 2},
		"plugin bin/hello -v: process 42: given up: " + (&pingo.GaveUpError{}).Error():                   pingo.EventGaveUp{EventInfo: info, Err: &pingo.GaveUpError{}},
		"plugin bin/hello -v: process 42: swapped in for bin/old":                                        pingo.EventSwapped{EventInfo: info, From: "bin/old"},
		"plugin bin/hello -v: process 42: swapped in for process 41 of bin/old":                          pingo.EventSwapped{EventInfo: info, From: "bin/old", FromPid: 41},
		"plugin bin/hello -v: process 42: the new executable was not swapped in: the plugin is not well": pingo.EventSwapFailed{EventInfo: info, Path: "bin/hello", Err: fmt.Errorf("plugin bin/hello -v: the new executable was not swapped in: %w", pingo.ErrUnhealthy)},
		"plugin bin/hello -v: process 42: stopped":                                                       pingo.EventStopped{EventInfo: info},
		"plugin bin/hello -v: process 42: ended: the plugin exited by itself with status 3":              pingo.EventStopped{EventInfo: info, Err: crash},
		"plugin bin/hello -v: process 42: 7 events are missing":                                          pingo.EventsDropped{EventInfo: info, Count: 7},
	} {
		require.Equal(t, want, fmt.Sprintf("%v", e))
	}
}

func TestOutputSaysWhereItWasWritten(t *testing.T) {
	var d diary
	cfg, rec := setup(t, "scribe")
	cfg.Events = d.write
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Print", "to stdout\n", nil))
	require.NoError(t, p.Call("Scribe.Print", "to stderr", nil))
	rec.awaitFunc(func(lines []string, _ []error) bool {
		text := strings.Join(lines, "\n")
		return strings.Contains(text, "to stdout") && strings.Contains(text, "to stderr")
	})
	within(t, "Stop", p.Stop)
	require.Contains(t, d.text(), ": stdout: to stdout")
	require.Regexp(t, ": stderr: .* to stderr", d.text()) // after what package log puts before it
	for _, e := range d.read() {
		if e, ok := e.(pingo.EventOutput); ok {
			require.Equal(t, !strings.Contains(e.Line, "to stdout"), e.Stderr, e.Line)
		}
	}
}

func TestEventsOfAStop(t *testing.T) {
	var d *diary
	stoppedWith(t, "lab", func(cfg *pingo.Config) { d = new(diary); cfg.Events = d.write }, func(t *testing.T, p *pingo.Plugin, _ *recorder) {
		p.Start()
		require.NoError(t, p.Ready(t.Context()))
		within(t, "Stop", p.Stop)
		require.Equal(t, "Started Ready Stopped", d.kinds())
		require.NoError(t, d.read()[2].(pingo.EventStopped).Err)
	})
}

// A process that did not become ready is that of the events, and of one that was not there they have no number.
func TestEventsOfAStartThatFails(t *testing.T) {
	path := executables(t, "exits")
	for name, want := range map[string]string{"exits": "Started Crashed Stopped", "missing": "Crashed Stopped"} {
		var d diary
		cfg, _ := setup(t, "variant")
		cfg.Path, cfg.Events = path(name), d.write
		p := start(t, cfg)
		require.Error(t, p.Call("Lab.Echo", "x", nil))
		wait(t, "the end", p.Done())
		require.Equal(t, want, d.kinds())
		pid := 0
		for _, e := range d.read() {
			switch e := e.(type) {
			case pingo.EventStarted:
				require.Positive(t, e.Pid)
				pid = e.Pid
			case pingo.EventCallFailed:
				require.Zero(t, e.Pid)
			case pingo.EventCrashed:
				require.Equal(t, pid, e.Pid)
			case pingo.EventStopped:
				require.Equal(t, pid, e.Pid)
			}
		}
	}
}

func TestHookThatHangsHoldsNobody(t *testing.T) {
	restore := pingo.SetDeliveryTime(time.Millisecond)
	defer restore()
	gate := make(chan struct{})
	var d diary
	cfg, _ := setup(t, "lab")
	cfg.Events = func(e pingo.Event) { <-gate; d.write(e) }
	p := start(t, cfg)
	const calls = 11_000
	for range calls {
		require.Error(t, p.Call("Lab.None", 0, nil))
	}
	within(t, "Stop", p.Stop)
	close(gate)
	failed, dropped := 0, 0
	eventually(t, "the last event", d.last, "Stopped")
	for _, e := range d.read() {
		switch e := e.(type) {
		case pingo.EventCallFailed:
			failed++
		case pingo.EventsDropped:
			dropped += e.Count
		}
	}
	require.Equal(t, calls, failed+dropped)
	require.Positive(t, dropped)
}

// A hook that hangs does not fill the memory with what the plugin says, and hears later of all that is neither output
// nor a call.
func TestHookThatHangsHoldsLittle(t *testing.T) {
	gate := make(chan struct{})
	var d diary
	cfg, rec := setup(t, "lab")
	cfg.Limits.OutputRate = -1
	cfg.Events = func(e pingo.Event) { <-gate; d.write(e) }
	p := start(t, cfg)
	const lines, length = 400, 60 << 10
	for i := range lines {
		require.NoError(t, p.Call("Lab.Print", strings.Repeat("x", length)+"\n", nil))
		rec.awaitFunc(func(lines []string, _ []error) bool { return len(lines) == i+1 })
	}
	require.Error(t, p.Call("Lab.Panic", strings.Repeat("x", 16<<20), nil))
	require.Error(t, p.Call("Lab.Exit", 1, nil))
	close(gate)
	eventually(t, "the last event", d.last, "Stopped")
	output, dropped := 0, 0
	for _, e := range d.read() {
		switch e := e.(type) {
		case pingo.EventOutput:
			output++
		case pingo.EventCallFailed:
			require.Less(t, len(e.Err.Error()), 1<<20)
		case pingo.EventsDropped:
			dropped += e.Count
		}
	}
	require.Equal(t, 16<<20/length, output)
	require.Equal(t, lines-output+1, dropped)
	require.Equal(t, "Started Ready sDropped Crashed Stopped", d.kinds())
}
