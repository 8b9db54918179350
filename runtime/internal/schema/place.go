package schema

import (
	"slices"
	"strconv"
	"strings"
)

// place is where two types are compared, as each side calls it.
type place struct {
	writer, reader *trail // "parameter item", "field Item.Size"
	ownerW, ownerR string // what stands before the names of fields: "Item."
	what           string // of a list: "parameter" or "result"; "" in a struct
	key            bool   // inside of a map's key
}

// trail is the way to a place. Most are never told, so it is put together late.
type trail struct {
	outer *trail // nil at the first step
	step  string
}

// maxSteps bounds how much of a way is told.
const maxSteps = 20

// String returns "parameter item: field Item.Size".
func (t *trail) String() string {
	var steps []string
	for ; t != nil; t = t.outer {
		steps = append(steps, t.step)
	}
	if len(steps) > maxSteps {
		steps = slices.Replace(steps, maxSteps/2, len(steps)-maxSteps/2, "...")
	}
	slices.Reverse(steps)
	return strings.Join(steps, ": ")
}

// message is the place of a whole message.
func message(what string) place { return place{what: what} }

// of goes into two structs or interfaces.
func (at place) of(w, r *typ) place {
	at.what, at.ownerW, at.ownerR = "", owner(w), owner(r)
	return at
}

func owner(t *typ) string {
	if t.name == "" {
		return ""
	}
	return t.name + "."
}

// list goes to the parameters or results of two functions.
func (at place) list(what string) place {
	at.what = what
	return at
}

// to goes to a field, or to a parameter or result, that each side has at an
// index: -1 if it has none, which is then called as the other one is.
func (at place) to(w, r []field, i, j int) place {
	next := place{key: at.key}
	if i >= 0 {
		next.writer = at.name(at.writer, at.ownerW, w[i].name, i)
	}
	if j >= 0 {
		next.reader = at.name(at.reader, at.ownerR, r[j].name, j)
	}
	switch {
	case i < 0:
		next.writer = at.name(at.writer, at.ownerW, r[j].name, j)
	case j < 0:
		next.reader = at.name(at.reader, at.ownerR, w[i].name, i)
	}
	return next
}

func (at place) name(outer *trail, owner, name string, index int) *trail {
	if at.what == "" {
		return &trail{outer, "field " + clip(owner+name)}
	}
	if name == "" {
		name = strconv.Itoa(index + 1)
	}
	return &trail{outer, at.what + " " + clip(name)}
}

// method goes from two interfaces to a method.
func (at place) method(name string) place {
	at.writer = &trail{at.writer, "method " + clip(at.ownerW+name)}
	at.reader = &trail{at.reader, "method " + clip(at.ownerR+name)}
	return at
}

// step goes to a part that has the same name everywhere.
func (at place) step(name string) place {
	at.writer, at.reader = &trail{at.writer, name}, &trail{at.reader, name}
	return at
}

// item goes from two sequences to an item, or to one of two.
func (at place) item(i, of int) place {
	if of == 1 {
		return at.step("item")
	}
	return at.list("item").to(make([]field, of), make([]field, of), i, i)
}

// mapKey goes from a map to its keys.
func (at place) mapKey() place {
	at = at.step("key")
	at.key = true
	return at
}

// full returns a type for a message: with its definition, if that says more than its name.
func (t *typ) full() string {
	if t.name == "" || t.written == t.name || t.kind == structure {
		return clip(t.String())
	}
	return clip(t.name) + " (" + clip(t.written) + ")"
}

// maxText bounds what is quoted from a description.
const maxText = 200

// clip shortens a text that would drown the message that it is part of.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return s[:maxText] + "..."
}

// sameName compares the names of types that travel by methods of their own, of
// whose bytes nothing else is known. A type may move to another package from the
// contract's, or the reverse; then one of the names is not qualified.
func sameName(a, b string) bool {
	packageA, nameA := splitName(a)
	packageB, nameB := splitName(b)
	return nameA == nameB && (packageA == packageB || packageA == "" || packageB == "")
}

// splitName returns the package's name, or the last element of its path, and the rest.
func splitName(s string) (pkg, name string) {
	if q, err := strconv.QuotedPrefix(s); err == nil {
		path, _ := strconv.Unquote(q) // it is quoted well
		return path[strings.LastIndexByte(path, '/')+1:], strings.TrimPrefix(s[len(q):], ".")
	}
	head, _, _ := strings.Cut(s, "[")
	dot := strings.LastIndexByte(head, '.')
	return s[:max(dot, 0)], s[dot+1:]
}
