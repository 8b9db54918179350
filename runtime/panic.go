package pingo

import (
	"fmt"
	"io"
	"strings"
)

// PanicError is in the error of a call whose implementation panicked. The plugin
// lives on; what the panic left behind in it is the plugin's own business.
type PanicError struct {
	Value string // the value of the panic, as fmt.Sprint writes it
	Stack string // the stack in the plugin, as debug.Stack writes it
}

// Error returns the value, and where the panic was. The verb %+v writes the
// whole stack as well.
func (e *PanicError) Error() string {
	if at := panickedAt(e.Stack); at != "" {
		return fmt.Sprintf("panic: %s\n\tat %s", e.Value, at)
	}
	return "panic: " + e.Value
}

// Format implements fmt.Formatter.
func (e *PanicError) Format(f fmt.State, verb rune) {
	type plain PanicError
	switch {
	case verb == 'v' && f.Flag('#'):
		_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), (*plain)(e))
	case verb == 'v' && f.Flag('+'):
		_, _ = io.WriteString(f, e.Error()+"\n\n"+e.Stack)
	default:
		_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error())
	}
}

// panickedAt finds the function that panicked in a stack as debug.Stack writes
// it, and where that is in the source: "main.work (/src/work.go:12)". What the
// stack has above it are the function that wrote the stack, panic, and functions of package
// runtime that found the mistake. It returns "" if there is no such function.
func panickedAt(stack string) string {
	_, frames, ok := strings.Cut(stack, "\npanic(")
	if !ok {
		return ""
	}
	lines := strings.Split(frames, "\n")[1:] // without the arguments of panic
	for i := 1; i+1 < len(lines); i += 2 {
		function, place := lines[i], strings.TrimSpace(lines[i+1])
		if strings.HasPrefix(function, "runtime.") {
			continue
		}
		if end := strings.LastIndexByte(function, '('); end > 0 {
			function = function[:end]
		}
		place, _, _ = strings.Cut(place, " +0x")
		return fmt.Sprintf("%s (%s)", function, place)
	}
	return ""
}
