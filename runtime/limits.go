package pingo

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/process"
)

// LimitError says that a limit was exceeded: one of Limits, or Config.MaxMessage. It is in the
// error of the call that exceeded it, in the CrashError of a plugin that ended
// by it, or goes to the ErrorHandler; see [codec.LimitError] for its fields.
type LimitError = codec.LimitError

// The zero values of Limits mean these.
const (
	DefaultOutputRate   = 8 << 20
	DefaultCalls        = conn.DefaultMaxCalls
	DefaultArguments    = 1 << 30
	DefaultReferences   = conn.DefaultReferences
	DefaultStreamCredit = conn.DefaultWindow
)

// Limits are what a plugin may use up. The first five are held by the system, need
// Linux, and hold from before the first instruction of the plugin's program on, also for
// what it starts; zero means that the system's own limits hold. The others are held by the
// host, everywhere. A limit that cannot be held fails the start. See docs/security.md.
type Limits struct {
	// Memory is in bytes. In a Cgroup it holds for the plugin together with all that it
	// starts, and who exceeds it is killed. Otherwise it is what each process may have as
	// data (RLIMIT_DATA), and who wants more gets an error from the system. A Go
	// program needs some 100 MiB of that, and takes more in steps of 64 MiB.
	Memory int64

	// CPUTime is how long each process may compute before it is killed, rounded up to
	// seconds.
	CPUTime time.Duration

	// Processes is how many processes and threads there may be, of which a Go program
	// needs a dozen. It needs a Cgroup, or a Config.User of the plugin's own: then it
	// counts all that this user runs.
	Processes int

	// OpenFiles is how many descriptors each process may have open.
	OpenFiles int

	// Cgroup is the directory of a control group (version 2) in which this program may
	// make others, such as one that was delegated to it. Each process of the plugin
	// gets one there, with what it starts; when it ends, all that is in there is killed.
	// What is to be limited there must be in its cgroup.subtree_control. A process of the host's
	// user can move itself to another group that this user may write to: who must not needs a
	// Config.User, or a Config.Sandbox.
	Cgroup string

	// OutputRate is how many bytes the plugin may write to stdout and stderr in a
	// second, after a first second's worth at once. Who writes more is made to wait, and
	// the ErrorHandler is told. Zero means DefaultOutputRate, a negative value no limit.
	OutputRate int

	// Calls is how many calls of the host to the plugin may be unanswered at a time, and as
	// many of the plugin to the host. One more is not delivered. Zero means DefaultCalls,
	// which is the most there can be.
	Calls int

	// Arguments is how many bytes the arguments of the calls may have that the plugin has made of the
	// host and that are unanswered. A call beyond is not delivered, unless it is the only one. Zero
	// means DefaultArguments.
	Arguments int

	// References is how many interfaces, functions and streams that were passed by
	// reference host and plugin may each keep for the other. The call that passes one more
	// fails. Zero means DefaultReferences.
	References int

	// StreamCredit is how many bytes of one stream may be on the way, or wait for who
	// reads them, in either direction. Zero means DefaultStreamCredit; less than 32 KiB
	// means that.
	StreamCredit int
}

func (l Limits) withDefaults() Limits {
	l.OutputRate = cmp.Or(l.OutputRate, DefaultOutputRate)
	l.Calls = min(positive(l.Calls, DefaultCalls), DefaultCalls)
	l.Arguments = positive(l.Arguments, DefaultArguments)
	l.References = positive(l.References, DefaultReferences)
	l.StreamCredit = positive(l.StreamCredit, DefaultStreamCredit)
	l.StreamCredit = min(max(l.StreamCredit, 32<<10), handshake.MaxStreamCredit)
	return l
}

// process is what the system has to hold.
func (l *Limits) process() process.Limits {
	return process.Limits{Memory: l.Memory, CPUTime: l.CPUTime, Processes: l.Processes, OpenFiles: l.OpenFiles, Cgroup: l.Cgroup}
}

// exceeded is the error of a limit of the given name.
func (l *Limits) exceeded(name string) *LimitError {
	value := map[string]int64{
		"Memory": l.Memory, "CPUTime": int64(l.CPUTime), "Processes": int64(l.Processes), "OutputRate": int64(l.OutputRate),
	}[name]
	return &LimitError{Limit: "Limits." + name, Value: value}
}

// endedBy is the limit by which a process has ended, or nil: as the system tells, and
// as the last words of a program do that could not get what it needed.
func (l *Limits) endedBy(exit process.Exit, lastWords []string) *LimitError {
	// The system ends a process by the ticks of its clock, and says how long it has run by what it
	// measures, which is less on a busy machine.
	if l.CPUTime > 0 && exit.Signal == syscall.SIGKILL && exit.Use.CPUTime.Seconds() > math.Ceil(l.CPUTime.Seconds())/2 {
		return l.exceeded("CPUTime")
	}
	if exit.Use.OutOf != "" && exit.Code != 0 {
		return l.exceeded(exit.Use.OutOf)
	}
	switch {
	case exit.Code == 0:
	case l.Memory > 0 && says(lastWords, outOfMemory):
		return l.exceeded("Memory")
	case l.Processes > 0 && says(lastWords, outOfProcesses):
		return l.exceeded("Processes")
	}
	return nil
}

// says tells whether one of the lines has one of the words.
func says(lines, words []string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(line, w) })
	})
}

// What programs say when they cannot get more: Go's runtime, mostly. Of files,
// the loader of a program that is not static gives the number of the error.
var (
	outOfFiles     = []string{"oo many open files", "shared object file: Error 24", "netpollinit failed", "eventfd failed"}
	outOfMemory    = []string{"out of memory", "annot allocate memory", "cannot map pages in arena", "failed to allocate"}
	outOfProcesses = []string{"failed to create new OS thread", "fatal error: newosproc", "Resource temporarily unavailable"}
)
