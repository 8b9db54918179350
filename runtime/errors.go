package pingo

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pingogen/pingogen/runtime/internal/conn"
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
// the implementation itself, or none, means Executed.
func FateOf(err error) Fate {
	var fated interface{ fate() Fate }
	if errors.As(err, &fated) {
		return fated.fate()
	}
	return Executed
}

// These are in the error of a call, for errors.Is. All of them mean that the
// call was not delivered, and that to repeat it on the same Plugin is in vain.
var (
	// ErrNotStarted: Start was not called yet.
	ErrNotStarted = errors.New("the plugin was not started; call Start first")
	// ErrStopped: Stop or Shutdown was called, and no plugin runs.
	ErrStopped = errors.New("the plugin was stopped; a new Plugin can be started in its place")
	// ErrUnimplemented: the plugin serves no such object or method, or serves it
	// to the other kind of caller: see Register.
	ErrUnimplemented = service.ErrUnimplemented
)

// CallError is the error of a call that failed otherwise than by an error of the
// implementation. The implementation's errors are returned as they are.
//
// errors.Is and errors.As find the reason: context.Canceled and
// context.DeadlineExceeded, a [CrashError], a [PanicError], ErrUnimplemented,
// ErrStopped, ErrNotStarted, and others.
type CallError struct {
	Plugin string // as Plugin.String returns it
	Method string // "Object.Method"
	Fate   Fate   // what is known of the call's execution
	Err    error  // why it failed, never nil
}

func (e *CallError) Error() string {
	return fmt.Sprintf("plugin %s: %s: %s: %v", e.Plugin, e.Method, e.Fate, e.Err)
}

// Unwrap returns Err.
func (e *CallError) Unwrap() error { return e.Err }

func (e *CallError) fate() Fate { return e.Fate }

// CrashError says how a plugin ended that nobody had asked to. It is in the error of
// every call that was waiting then and of every later one, and it is what Err returns.
type CrashError struct {
	ExitCode int       // the exit status; -1 if a signal ended the plugin, or if it is unknown
	Signal   os.Signal // the signal that ended the plugin, or nil
	Stderr   []string  // the last lines that it wrote to stderr, oldest first
	Err      error     // what was seen of it when no exit status is known, or nil
}

func (e *CrashError) Error() string {
	var b strings.Builder
	switch {
	case e.Signal != nil:
		fmt.Fprintf(&b, "the plugin was ended by the signal %q", e.Signal)
	case e.ExitCode >= 0:
		fmt.Fprintf(&b, "the plugin exited by itself with status %d", e.ExitCode)
	case e.Err != nil:
		fmt.Fprintf(&b, "the connection to the plugin was lost: %v", e.Err)
	default:
		b.WriteString("the plugin ended")
	}
	if len(e.Stderr) > 0 {
		b.WriteString("; the last it wrote to stderr:")
		for _, line := range e.Stderr {
			b.WriteString("\n\t" + line)
		}
	}
	return b.String()
}

// Unwrap returns Err.
func (e *CrashError) Unwrap() error { return e.Err }

// PanicError is in the error of a call whose implementation panicked. The plugin
// lives on; what the panic left behind in it is the plugin's own business.
type PanicError struct {
	Value string // the value of the panic, as fmt.Sprint writes it
	Stack string // the stack in the plugin, as debug.Stack writes it
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("panic: %s\n\n%s", e.Value, e.Stack)
}

// ContractError says why a host and a plugin do not fit together.
type ContractError struct {
	Contract string // the interface's name
	Method   string
	Plugin   string // the method's signature in the plugin
	Host     string // the method's signature in the host
}

func (e *ContractError) Error() string {
	if e.Plugin != e.Host {
		return fmt.Sprintf("contract %s: method %s is %s%s in the plugin and %s%s here; rebuild plugin and host from the same interface",
			e.Contract, e.Method, e.Method, e.Plugin, e.Method, e.Host)
	}
	return fmt.Sprintf("contract %s: the types of %s%s differ between plugin and host; rebuild both from the same package",
		e.Contract, e.Method, e.Host)
}
