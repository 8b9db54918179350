package pingo

import (
	"errors"
	"fmt"
	"strings"
)

// The text of an event has the plugin's name, the process, what happened to it, and why; it is for people, and not to be parsed.

func (e EventStarted) String() string { return e.says("started") }

func (e EventReady) String() string { return e.says("ready") }

func (e EventOutput) String() string {
	if e.Stderr {
		return e.says("stderr: " + e.Line)
	}
	return e.says("stdout: " + e.Line)
}

func (e EventCallFailed) String() string {
	if failed := new(CallError); errors.As(e.Err, &failed) { // has the name as well
		return e.says(fmt.Sprintf("%s failed: %s: %v", e.Method, failed.Fate, failed.Err))
	}
	return e.says(fmt.Sprintf("%s failed: %v", e.Method, e.Err))
}

func (e EventCrashed) String() string { return e.says(fmt.Sprint("crashed: ", e.Err)) }

func (e EventRestarting) String() string {
	return e.says(fmt.Sprintf("another is started in %v, after failure %d", e.Delay, e.Failures))
}

func (e EventGaveUp) String() string { return e.says(fmt.Sprint("given up: ", e.Err)) }

func (e EventSwapped) String() string {
	if e.FromPid == 0 {
		return e.says("swapped in for " + e.From)
	}
	return e.says(fmt.Sprintf("swapped in for process %d of %s", e.FromPid, e.From))
}

func (e EventSwapFailed) String() string {
	return e.says(strings.TrimPrefix(e.Err.Error(), "plugin "+e.Plugin+": ")) // which has the name as well, and that the path
}

func (e EventStopped) String() string {
	if e.Err != nil {
		return e.says(fmt.Sprint("ended: ", e.Err))
	}
	return e.says("stopped")
}

func (e EventsDropped) String() string { return e.says(fmt.Sprintf("%d events are missing", e.Count)) }

// says is the text of an event of which what is known beside e is this.
func (e EventInfo) says(what string) string {
	if e.Pid == 0 {
		return fmt.Sprintf("plugin %s: %s", e.Plugin, what)
	}
	return fmt.Sprintf("plugin %s: process %d: %s", e.Plugin, e.Pid, what)
}
