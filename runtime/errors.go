package pingo

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/diagnose"
	"github.com/pingogen/pingogen/runtime/internal/schema"
	"github.com/pingogen/pingogen/runtime/internal/service"
)

// Fate is what is known of a call's execution.
type Fate int

const (
	// Executed: the implementation ran and returned, with or without an error.
	Executed Fate = Fate(conn.Executed)
	// NotDelivered: the implementation did not run and never will; to call again is safe.
	NotDelivered Fate = Fate(conn.NotDelivered)
	// MaybeExecuted: the call left, and no answer came; whether the
	// implementation ran, runs or ran half-way is unknown.
	MaybeExecuted Fate = Fate(conn.MaybeExecuted)
)

// String returns "executed", "not delivered" or "maybe executed".
func (f Fate) String() string {
	switch f {
	case Executed:
		return "executed"
	case NotDelivered:
		return "not delivered"
	case MaybeExecuted:
		return "maybe executed"
	}
	return fmt.Sprintf("Fate(%d)", int(f))
}

// FateOf returns the fate of a call that returned err. An error that came from
// the implementation itself, or none, means Executed. It is for errors of calls: those of
// [Plugin.Ready] and [Plugin.Swap] have no fate.
func FateOf(err error) Fate {
	var fated interface{ fate() Fate }
	if errors.As(err, &fated) {
		return fated.fate()
	}
	return Executed
}

// These are in the error of a call, for errors.Is. All of them mean that to
// repeat the call on the same Plugin is in vain.
var (
	// ErrNotStarted: Start was not called yet.
	ErrNotStarted = errors.New("the plugin was not started; call Start first")
	// ErrStopped: Stop or Shutdown was called, and no plugin runs, or none will when the calls
	// that are under way are over. In a plugin, errors.Is finds it in the context.Cause of a call
	// that its host has cancelled for that.
	ErrStopped = errors.New("the plugin was stopped; a new Plugin can be started in its place")
	// ErrSwapped: the process was swapped for another while the call was under way, or
	// what the call was for had been passed by reference from there. See Plugin.Swap.
	ErrSwapped = errors.New("the plugin's process was swapped for another")
	// ErrUnimplemented: the plugin serves no such object or method, or serves it
	// to the other kind of caller: see Register.
	ErrUnimplemented = service.ErrUnimplemented
	// ErrReleased: what the call was for is a reference that was closed or
	// released, here or on the other side. It is an fs.ErrClosed.
	ErrReleased = codec.ErrReleased
)

// CallError is the error of a call that failed otherwise than by an error of the
// implementation. The implementation's errors are returned as they are.
//
// errors.Is and errors.As find the reason: context.Canceled and
// context.DeadlineExceeded, a [CrashError], a [PanicError], ErrUnimplemented,
// ErrStopped, ErrNotStarted, and others.
type CallError struct {
	Plugin string // as Plugin.String returns it, or Pool.String if no process of that was called; empty for a plugin's call to its host
	Method string // "Object.Method"; "Read from Object.Method" for what that returned, "Read for Object.Method" for what it was passed
	Fate   Fate   // what is known of the call's execution
	Err    error  // why it failed, never nil

	pid int // of the process that the call was made of; 0 for none
}

func (e *CallError) Error() string {
	if e.Plugin == "" {
		return fmt.Sprintf("host: %s: %s: %v", e.Method, e.Fate, e.Err)
	}
	why := e.Err.Error()
	if differ, ok := e.Err.(*ContractError); ok { // each call would repeat what Ready tells
		why = differ.brief(e.Method)
	}
	return fmt.Sprintf("plugin %s: %s: %s: %s", e.Plugin, e.Method, e.Fate, why)
}

// Unwrap returns Err.
func (e *CallError) Unwrap() error { return e.Err }

func (e *CallError) fate() Fate { return e.Fate }

// CrashError says how a plugin ended that nobody had asked to. It is in the error of
// every call that was waiting then and of every later one, and it is what Err returns.
type CrashError struct {
	ExitCode int       // the exit status; -1 if a signal ended the plugin, or if it is unknown
	Signal   os.Signal // the signal that ended the plugin, or nil
	Stderr   []string  // the last lines that it wrote to stderr, oldest first; before them, if it is a Go program that panicked, what for and where
	Err      error     // why the host gave it up, if it did not end by itself: its connection broke; or a LimitError, if the plugin is known to have ended by a limit; or nil
}

func (e *CrashError) Error() string {
	var b strings.Builder
	switch {
	case errors.As(e.Err, new(*LimitError)) && e.Signal != nil:
		fmt.Fprintf(&b, "the plugin was ended by the signal %q: %v", e.Signal, e.Err)
	case errors.As(e.Err, new(*LimitError)) && e.ExitCode >= 0:
		fmt.Fprintf(&b, "the plugin exited by itself with status %d: %v", e.ExitCode, e.Err)
	case e.Signal != nil:
		fmt.Fprintf(&b, "the plugin was ended by the signal %q", e.Signal)
	case e.ExitCode >= 0:
		fmt.Fprintf(&b, "the plugin exited by itself with status %d", e.ExitCode)
	case e.Err != nil:
		fmt.Fprintf(&b, "the connection to the plugin was lost: %v", e.Err)
	default:
		b.WriteString("the plugin ended")
	}
	e.writeStderr(&b)
	return b.String()
}

func (e *CrashError) writeStderr(b *strings.Builder) {
	if len(e.Stderr) == 0 {
		return
	}
	b.WriteString("; the last it wrote to stderr:")
	for _, line := range e.Stderr {
		b.WriteString("\n\t" + line)
	}
}

// Unwrap returns Err.
func (e *CrashError) Unwrap() error { return e.Err }

// ContractError says why a host and a plugin do not fit together: they were built
// from versions of an interface between which messages cannot be converted.
type ContractError struct {
	Mismatches []Mismatch // all that were found, at least one
}

// Mismatch is a place in a contract where plugin and host differ too much.
type Mismatch struct {
	Contract string // the interface's name
	Method   string
	Plugin   Part   // the place in the plugin
	Host     Part   // and in the host
	Reason   string // why it does not fit, if the types do not tell
}

// Part is a parameter, a result or a field on one side.
type Part struct {
	Path string // such as "parameter item: field Item.Size", or "parameter sink: method Sink.Put: parameter 1: field Item.Size"
	Type string // as the interface's package writes it, "" if the side has no such thing
}

func (e *ContractError) Error() string {
	if len(e.Mismatches) == 1 {
		return e.brief("")
	}
	var b strings.Builder
	b.WriteString("plugin and host do not fit together; " + diagnose.Rebuild + ":")
	for i := range e.Mismatches {
		b.WriteString("\n\t" + e.Mismatches[i].String())
	}
	return b.String()
}

// brief names one mismatch: of the method "Store.Put", if it has any.
func (e *ContractError) brief(method string) string {
	one := max(0, slices.IndexFunc(e.Mismatches, func(m Mismatch) bool { return m.Contract+"."+m.Method == method }))
	text := e.Mismatches[one].String()
	if more := len(e.Mismatches) - 1; more > 0 {
		text = fmt.Sprintf("plugin and host do not fit together: %s (and %d more, which Ready tells)", text, more)
	}
	return text + "; " + diagnose.Rebuild
}

// String returns what the mismatch is, on one line.
func (m *Mismatch) String() string {
	where := schema.Explain(schema.Part(m.Plugin), "in the plugin", schema.Part(m.Host), "in the host", m.Reason)
	return fmt.Sprintf("contract %s: method %s: %s", m.Contract, m.Method, where)
}
