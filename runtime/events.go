package pingo

import (
	"errors"
	"time"
)

// Event is something that happened to a plugin, for Config.Events. It is one of
// the types whose names begin with Event. Its text, as fmt prints it, is a line for a log, or a few.
type Event interface {
	String() string
	event()
}

// EventInfo is what all events have.
type EventInfo struct {
	Plugin string    // as Plugin.String returns it, or Pool.String for a call that no process of that has got
	Time   time.Time // when it happened
	Pid    int       // of the process that it is about; 0 if there is none
}

func (EventInfo) event() {}

// The events, in the order in which they may come for one process. Output is read
// beside everything else, and may come later than what happened after it.
type (
	// EventStarted: a process runs. It may not be ready yet.
	EventStarted struct {
		EventInfo
	}
	// EventReady: the process takes calls.
	EventReady struct {
		EventInfo
	}
	// EventOutput: the process has written a line to stdout or stderr; see ErrorHandler.
	EventOutput struct {
		EventInfo
		Line   string
		Stderr bool // it was written to stderr
	}
	// EventCallFailed (of calls that fail with the end of the plugin, not all are
	// told before EventStopped): a call has failed, otherwise than by an error of the
	// implementation, and is not made again. Without a Pid, no process has got it.
	EventCallFailed struct {
		EventInfo
		Method string
		Err    error // as the caller gets it
	}
	// EventCrashed: a process has ended that nobody had asked to, or it did not
	// become ready.
	EventCrashed struct {
		EventInfo
		Err error // a *CrashError, or why it did not become ready
	}
	// EventRestarting: another process will be started in the place of that which has ended.
	EventRestarting struct {
		EventInfo
		Delay    time.Duration // until then
		Failures int           // that have not faded; see Config.RestartBudget, and Config.Watch for those that are counted apart
	}
	// EventGaveUp: no other process will be started.
	EventGaveUp struct {
		EventInfo
		Err *GaveUpError
	}
	// EventSwapped: calls go to another process from now on; see Plugin.Swap. It comes in the place of that process's EventReady.
	EventSwapped struct {
		EventInfo
		From    string // the executable before; that of now is in Plugin, and its process in Pid
		FromPid int    // the process before, which is told to exit when its calls are over; 0 if none ran
	}
	// EventSwapFailed: a new executable was found (see Config.Watch) and could not be
	// swapped in; Pid is its own. The process that runs goes on.
	EventSwapFailed struct {
		EventInfo
		Path string
		Err  error
	}
	// EventStopped: the plugin has ended for good, and Pid was its last process. It is the last event.
	EventStopped struct {
		EventInfo
		Err error // as Plugin.Err returns it
	}
	// EventsDropped: Config.Events has not kept up, and output and failed calls are missing here.
	EventsDropped struct {
		EventInfo
		Count int
	}
)

// What waits for a hook before the frequent kinds are dropped: so many events, with so many bytes of text
// in those of these kinds.
const (
	maxEvents    = 10_000
	maxEventText = 16 << 20
)

// events hands events to the hook of a Config.
type events struct {
	queue[heldEvent]

	// protected by queue.mu
	waiting int // events that the hook has not taken, or not returned from
	text    int // that is in them
	dropped int
	over    bool // EventStopped is among them
}

// heldEvent is an event that waits for the hook.
type heldEvent struct {
	event Event
	text  int // see textOf
}

// hear sets the hook.
func (e *events) hear(hook func(Event)) {
	e.handle = func(held heldEvent) {
		hook(held.event)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.waiting--
		e.text -= held.text
	}
}

// textOf is how many bytes of text are in an event, if it is of a kind of which a plugin can make as many as it likes.
func textOf(ev Event) (n int, frequent bool) {
	switch ev := ev.(type) {
	case EventOutput:
		return len(ev.Line), true
	case EventCallFailed:
		n = len(ev.Err.Error())
		var panicked *PanicError
		if errors.As(ev.Err, &panicked) {
			n += len(panicked.Stack)
		}
		return n, true
	}
	return 0, false
}

// tell hands an event over soon, and does not wait.
func (p *Plugin) tell(e Event) {
	if p.cfg.Events != nil {
		p.events.tell(p.now(0), e)
	}
}

// now is what an event says that happens now to a process.
func (p *Plugin) now(pid int) EventInfo { return p.nowOf(p.program.Load().Path, pid) }

// nowOf is now for an executable that may not be swapped in yet.
func (p *Plugin) nowOf(path string, pid int) EventInfo {
	return EventInfo{Plugin: p.named(path), Time: time.Now(), Pid: pid}
}

func (e *events) tell(now EventInfo, ev Event) {
	text, frequent := textOf(ev)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over { // a call that comes too late
		return
	}
	_, e.over = ev.(EventStopped)
	if frequent && (e.waiting >= maxEvents || e.text+text > maxEventText) {
		e.dropped++
		return
	}
	if e.dropped > 0 {
		e.putLocked(EventsDropped{now, e.dropped}, 0)
		e.dropped = 0
	}
	e.putLocked(ev, text)
}

func (e *events) putLocked(ev Event, text int) {
	e.waiting++
	e.text += text
	e.addLocked(heldEvent{ev, text})
}
