package generator

import (
	"fmt"
	"time"

	"github.com/pingogen/pingogen/generator/internal/write"
)

// Result is what a run found and made. Nothing has been written yet.
type Result struct {
	Outputs     []*Output    // sorted by path
	Diagnostics []Diagnostic // sorted by position
	Timings     []Timing     // in the order in which the work was done
	Dirs        []string     // of the packages that were asked for
}

// Output is a generated file.
type Output struct {
	Path  string // absolute
	Old   []byte // what is there now, nil if nothing is
	New   []byte
	Stale bool // Old differs from New
}

// Diagnostic is something to tell about the source.
type Diagnostic struct {
	File         string // absolute
	Line, Column int    // from 1
	Code         string // names the kind of diagnostic: "PG020"; empty for those about output files
	Message      string // what is wrong where, and what to do instead
	Note         bool   // good to know, but nothing that has to change
}

// Timing is how long a stage took.
type Timing struct {
	Package string // import path; empty for what is done for all packages at once
	Stage   string // "load", "model", "emit", "check" or "write"
	Took    time.Duration
}

// Failed reports whether there is a diagnostic that is not a note.
func (r *Result) Failed() bool {
	for _, d := range r.Diagnostics {
		if !d.Note {
			return true
		}
	}
	return false
}

// Stale returns the outputs that differ from what is on disk.
func (r *Result) Stale() []*Output {
	var list []*Output
	for _, o := range r.Outputs {
		if o.Stale {
			list = append(list, o)
		}
	}
	return list
}

// Write writes the outputs that are stale, each in one step, and leaves the
// others untouched.
func (r *Result) Write() error {
	start := time.Now()
	for _, o := range r.Stale() {
		if err := write.File(o.Path, o.New); err != nil {
			return err
		}
	}
	r.time("", "write", start)
	return nil
}

// time notes how long a stage took that began at start.
func (r *Result) time(pkg, stage string, start time.Time) {
	r.Timings = append(r.Timings, Timing{Package: pkg, Stage: stage, Took: time.Since(start)})
}

// A BugError is a mistake of the generator, not of its user: source that it
// emitted and that does not compile, or a panic.
type BugError struct {
	Package string // import path, or empty
	Text    string
}

func (e *BugError) Error() string {
	if e.Package == "" {
		return "internal error: " + e.Text
	}
	return fmt.Sprintf("internal error: %s: %s", e.Package, e.Text)
}
