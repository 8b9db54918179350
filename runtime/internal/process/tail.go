package process

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The bounds of what is kept of stderr.
const (
	tailLines = 20      // at the end
	headLines = 16      // from where a Go program says why it dies
	tailLine  = 1 << 10 // bytes kept of each line
)

// tail keeps the last lines, and those with which the stacks of all goroutines
// begin that a Go program leaves behind: why it died, and where. A long stack
// would push them out.
type tail struct {
	mu    sync.Mutex // protects following
	last  []string
	head  []string
	after int // lines that came after the head
}

func (t *tail) add(line string) {
	if len(line) > tailLine {
		line = line[:tailLine] + "..."
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case tellsWhy(line):
		t.head, t.after = []string{line}, 0
	case len(t.head) > 0 && len(t.head) < headLines:
		t.head = append(t.head, line)
	case len(t.head) > 0:
		t.after++
	}
	if len(t.last) == tailLines {
		t.last = append(t.last[:0], t.last[1:]...)
	}
	t.last = append(t.last, line)
}

// tellsWhy tells whether a Go program begins with a line to say why it dies: of a panic, a fatal
// error, or a signal.
func tellsWhy(line string) bool {
	name, _, ok := strings.Cut(line, ": ")
	return ok && (name == "panic" || name == "fatal error" || strings.HasPrefix(name, "SIG") && strings.ToUpper(name) == name)
}

// lines are what is kept, oldest first, with a note in the place of what is not.
func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	between := t.after - len(t.last)
	switch {
	case len(t.head)+t.after <= len(t.last): // the head is among them
		return slices.Clone(t.last)
	case between <= 0:
		return slices.Concat(t.head, t.last[len(t.last)-t.after:])
	}
	return slices.Concat(t.head, []string{fmt.Sprintf("... (%d lines)", between)}, t.last)
}
