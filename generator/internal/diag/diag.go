// Package diag is what the generator has to say about the source.
package diag

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// Diagnostic says what is wrong where, and what to do instead.
type Diagnostic struct {
	Pos     token.Position
	Code    Code
	Message string
	Note    bool   // good to know, but nothing that has to change
	Part    string // the part of a type that it is about: "field Item.mu"; or ""
}

// Code names a kind of diagnostic. Codes are stable: they can be searched for.
type Code string

const (
	Directive   Code = "PG001" // a directive that does not parse
	Misplaced   Code = "PG002" // a directive on something that it does not apply to
	Interface   Code = "PG010" // an interface that cannot be a contract
	Method      Code = "PG011" // a method that cannot be called remotely
	Name        Code = "PG012" // a name that the generated code needs is taken
	Type        Code = "PG020" // a type that cannot be sent
	Invisible   Code = "PG021" // a type that the generated code cannot name
	Broken      Code = "PG030" // source that does not compile, where a contract reaches it
	Elsewhere   Code = "PG031" // source that does not compile elsewhere
	Constructor Code = "PG040" // a constructor that no plugin main can be made of
	Constraint  Code = "PG050" // build constraints that one output cannot have
)

// All lists the codes.
var All = []Code{Directive, Misplaced, Interface, Method, Name, Type, Invisible, Broken, Elsewhere, Constructor, Constraint}

// List collects diagnostics.
type List struct{ all []Diagnostic }

// Add adds one.
func (l *List) Add(d Diagnostic) { l.all = append(l.all, d) }

// AddFirst adds the first of another list, and its notes.
func (l *List) AddFirst(from *List) {
	l.all = append(l.all, from.First()...)
	for _, d := range from.all {
		if d.Note {
			l.Add(d)
		}
	}
}

// maxParts bounds how many parts of a type are named behind the first. Who has more to change
// needs another type.
const maxParts = 8

// First returns the first that is no note, and says in it which other parts of the type
// there is something to say of. It returns none if there is none.
func (l *List) First() []Diagnostic {
	var first *Diagnostic
	var others []string
	unnamed := 0
	for i := range l.all {
		switch d := &l.all[i]; {
		case d.Note:
		case first == nil:
			first = d
		case d.Part == "":
			unnamed++
		case d.Part != first.Part && !slices.Contains(others, d.Part):
			others = append(others, d.Part)
		}
	}
	if first == nil {
		return nil
	}
	one := *first
	if more := len(others) + unnamed; more > 0 {
		one.Message += fmt.Sprintf(" (and %d more inside the type%s)", more, named(others, unnamed))
	}
	return []Diagnostic{one}
}

// named lists the parts, or examples if there are too many, or others without a name.
func named(parts []string, unnamed int) string {
	switch {
	case len(parts) == 0:
		return ""
	case len(parts) > maxParts:
		return ", such as " + strings.Join(parts[:maxParts], ", ")
	case unnamed > 0:
		return ", such as " + strings.Join(parts, ", ")
	}
	return ": " + strings.Join(parts, ", ")
}

// Errors counts those that are not notes.
func (l *List) Errors() int {
	n := 0
	for _, d := range l.all {
		if !d.Note {
			n++
		}
	}
	return n
}

// Sorted returns them by position, each once.
func (l *List) Sorted() []Diagnostic {
	slices.SortFunc(l.all, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(l.all, func(a, b Diagnostic) bool { return a.Pos == b.Pos && a.Message == b.Message })
}
