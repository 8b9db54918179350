package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/pingogen/pingogen/generator"
)

// reporter prints what a run has to tell.
type reporter struct {
	stdout, stderr io.Writer
	json           bool // diagnostics go to stdout as JSON, one object a line
	notes          bool // print notes, too
}

// line is a diagnostic in JSON.
type line struct {
	File     string `json:"file"` // relative to the current directory where it is below
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`       // "error" or "note"
	Code     string `json:"code,omitempty"` // names the kind of diagnostic: "PG020"
	Message  string `json:"message"`
}

// diagnostics prints what is wrong, and notes if they are wanted; and for people at last
// how to learn more of the first one.
func (r *reporter) diagnostics(list []generator.Diagnostic) {
	first := ""
	for _, d := range list {
		severity := "error"
		if d.Note {
			severity = "note"
		} else if first == "" {
			first = d.Code
		}
		if !d.Note || r.notes {
			r.print(line{relative(d.File), d.Line, d.Column, severity, d.Code, d.Message})
		}
	}
	if first != "" && !r.json {
		_, _ = fmt.Fprintf(r.stderr, "What a code means: %s -explain %s\n", typed(), first)
	}
}

// typed is what people type to run this command: it may be a tool of their module, and not in $PATH.
func typed() string {
	if _, err := exec.LookPath("pingogen"); err != nil {
		return "go tool pingogen"
	}
	return "pingogen"
}

// print prints one diagnostic.
func (r *reporter) print(l line) {
	if r.json {
		text, _ := json.Marshal(l)
		_, _ = fmt.Fprintf(r.stdout, "%s\n", text)
		return
	}
	note := ""
	if l.Severity == "note" {
		note = "note: "
	}
	code := ""
	if l.Code != "" {
		code = " (" + l.Code + ")"
	}
	_, _ = fmt.Fprintf(r.stderr, "%s:%d:%d: %s%s%s\n", l.File, l.Line, l.Column, note, l.Message, code)
}

// stale names the outputs that have to be generated again.
func (r *reporter) stale(list []*generator.Output) {
	for _, o := range list {
		message := "out of date; run go generate"
		if o.Old == nil {
			message = "missing; run go generate"
		}
		r.print(line{relative(o.Path), 1, 1, "error", "", message})
	}
}

// diffs prints what would change as unified diffs.
func (r *reporter) diffs(list []*generator.Output) {
	for _, o := range list {
		name := filepath.ToSlash(relative(o.Path))
		_, _ = r.stdout.Write(diff.Diff("a/"+name, o.Old, "b/"+name, o.New))
	}
}

// timings prints how long each stage took.
func (r *reporter) timings(list []generator.Timing) {
	for _, t := range list {
		_, _ = fmt.Fprintf(r.stderr, "%-6s %10s  %s\n", t.Stage, t.Took.Round(10*time.Microsecond), t.Package)
	}
}

// relative returns path relative to the current directory, if it can.
func relative(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	return rel
}
