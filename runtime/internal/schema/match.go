package schema

import (
	"encoding/binary"
	"errors"
	"slices"
)

// fields compares the fields of two structs, or two lists of parameters or results.
func (c *comparer) fields(n *node, w, r []field, at place) {
	sources := match(w, r, at.what != "")
	rec := record{steps: make([]step, len(w))}
	for j, i := range sources {
		if i >= 0 {
			rec.steps[i].node = c.types(w[i].typ, r[j].typ, at.to(w, r, i, j))
		}
	}
	for i := range w {
		if rec.steps[i].node == nil {
			rec.steps[i] = step{node: c.dropped(w, r, i, at), drop: true}
		}
	}
	zeros := make([][]byte, len(r))
	for j, i := range sources {
		if i < 0 {
			zeros[j] = c.added(w, r, j, at)
		}
	}
	rec.arrange(sources, zeros)
	if at.what == "" { // a struct without fields is one byte
		if len(w) == 0 {
			rec.steps = []step{{node: &node{op: opFixed, size: 1}, drop: len(r) > 0}}
		}
		if len(r) == 0 && len(w) > 0 {
			rec.tail = []byte{0}
		}
	}
	n.op, n.record = opRecord, &rec
}

// match says for each of the reader's fields which of the writer's it is, or -1.
//
// Fields of structs are matched by their names, those of one name (_) in their order. So are parameters and results;
// of those that are left then, two at the same position are taken for one:
// one of them has no name, or it has got another.
func match(w, r []field, positional bool) []int {
	byName := make(map[string]int, len(w)) // the first that is not taken
	next := make([]int, len(w))            // of the same name, or len(w)
	for i := len(w) - 1; i >= 0; i-- {
		next[i] = len(w)
		if n, ok := byName[w[i].name]; ok {
			next[i] = n
		}
		byName[w[i].name] = i
	}
	delete(byName, "")
	sources := make([]int, len(r))
	taken := make([]bool, len(w))
	for j := range r {
		i, ok := byName[r[j].name]
		if !ok || i == len(w) {
			sources[j] = -1
			continue
		}
		sources[j], taken[i] = i, true
		byName[r[j].name] = next[i]
	}
	for j := range r {
		if positional && sources[j] < 0 && j < len(w) && !taken[j] {
			sources[j], taken[j] = j, true
		}
	}
	return sources
}

// dropped goes over what the reader does not know. In a map's key that would
// make one of two entries.
func (c *comparer) dropped(w, r []field, i int, at place) *node {
	here := at.to(w, r, i, -1)
	if at.key {
		c.differ(w[i].typ, nil, here)
	}
	return c.types(w[i].typ, w[i].typ, here)
}

// added is the zero value of what the writer does not know.
func (c *comparer) added(w, r []field, j int, at place) []byte {
	var zero []byte
	err := errBigZero
	if c.zeros <= maxZero {
		zero, err = appendZero(nil, r[j].typ, 0)
		c.zeros += len(zero)
	}
	switch {
	case err == errNoZero:
		c.differ(nil, r[j].typ, at.to(w, r, -1, j))
	case err != nil:
		c.refuse(nil, r[j].typ, at.to(w, r, -1, j), err.Error())
	}
	return zero
}

// maxZero bounds the zero values that a message may need.
const maxZero = 1 << 20

var (
	errNoZero  = errors.New("nothing is known of its values")
	errBigZero = errors.New("its zero value takes too many bytes")
)

// appendZero appends the zero value of t.
func appendZero(b []byte, t *typ, depth int) ([]byte, error) {
	if len(b) > maxZero || depth > maxDepth {
		return b, errBigZero
	}
	var err error
	switch t.kind {
	case float, complexNumber:
		return append(b, make([]byte, t.bits/8)...), nil
	case byteArray:
		if t.length > maxZero {
			return b, errBigZero
		}
		return append(b, make([]byte, max(1, t.length))...), nil
	case instant:
		return append(binary.AppendVarint(b, zeroTime), 0, 0), nil
	case array:
		for i := int64(0); i < t.length && err == nil; i++ {
			b, err = appendZero(b, t.elem, depth+1)
		}
		if t.length > 0 {
			return b, err
		}
	case structure:
		for _, f := range t.fields {
			if b, err = appendZero(b, f.typ, depth+1); err != nil {
				return b, err
			}
		}
		if len(t.fields) > 0 {
			return b, nil
		}
	case opaque, invalid:
		return b, errNoZero
	}
	return append(b, 0), nil
}

// zeroTime is the second at which the zero time.Time is: the year 1.
const zeroTime = -62135596800

// arrange says in which order the reader's fields come from the steps and from zeros.
func (rec *record) arrange(sources []int, zeros [][]byte) {
	kept := slices.DeleteFunc(slices.Clone(sources), func(i int) bool { return i < 0 })
	if !slices.IsSorted(kept) {
		for j, i := range sources {
			rec.order = append(rec.order, source{i, zeros[j]})
		}
		return
	}
	var before []byte
	for j, i := range sources {
		if i < 0 {
			before = append(before, zeros[j]...)
			continue
		}
		rec.steps[i].before, before = before, nil
	}
	rec.tail = before
}
