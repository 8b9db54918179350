// Package progress says what a program does at the moment.
package progress

import (
	"fmt"
	"io"
	"os"
)

// Line is where that is said.
type Line struct {
	w        io.Writer
	terminal bool
}

// To returns a Line on w. What can replace a line is taken for a terminal, and nothing else gets to see how it is done.
func To(w io.Writer) *Line {
	l := &Line{w: w}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		l.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return l
}

const clear = "\r\x1b[K"

// Say says what comes next: on a terminal in place of what was said before, elsewhere on a line of its own.
func (l *Line) Say(format string, args ...any) {
	if l.terminal {
		fmt.Fprintf(l.w, clear+format, args...)
		return
	}
	fmt.Fprintf(l.w, format+"\n", args...)
}

// Keep says something that stays.
func (l *Line) Keep(format string, args ...any) {
	l.Clear()
	fmt.Fprintf(l.w, format+"\n", args...)
}

// Clear makes room for what others write.
func (l *Line) Clear() {
	if l.terminal {
		fmt.Fprint(l.w, clear)
	}
}
