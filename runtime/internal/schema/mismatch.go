package schema

import "fmt"

// Part is a place on one side and the type that stands there, "" if none does.
type Part struct{ Path, Type string }

// Mismatch is where what one side writes and what the other reads do not fit.
type Mismatch struct {
	Writer, Reader Part
	Reason         string // says why, where the types do not
}

// Explain says where two sides differ, which are "in the plugin" and "in the host".
func Explain(a Part, inA string, b Part, inB string, reason string) string {
	var where string
	switch {
	case a.Path == "": // nothing is known of either
		return reason
	case a.Path == b.Path && a.Type == b.Type:
		where = fmt.Sprintf("%s is %s on both sides", a.Path, a.kind())
	case a.Path == b.Path:
		where = fmt.Sprintf("%s is %s %s and %s %s", a.Path, a.kind(), inA, b.kind(), inB)
	default:
		where = fmt.Sprintf("%s is %s %s, and %s is %s %s", a.Path, a.kind(), inA, b.Path, b.kind(), inB)
	}
	if reason != "" {
		where += ": " + reason
	}
	return where
}

func (p Part) kind() string {
	if p.Type == "" {
		return "missing"
	}
	return p.Type
}

// maxMismatches bounds what is told of a message. Nobody reads more.
const maxMismatches = 100

func (c *comparer) refuse(w, r *typ, at place, reason string) {
	if len(c.mismatches) == maxMismatches {
		return
	}
	m := Mismatch{Writer: Part{Path: at.writer.String()}, Reader: Part{Path: at.reader.String()}, Reason: reason}
	if w != nil {
		m.Writer.Type = w.full()
	}
	if r != nil {
		m.Reader.Type = r.full()
	}
	c.mismatches = append(c.mismatches, m)
}
