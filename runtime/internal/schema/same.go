package schema

import "slices"

// notConverted says why a difference matters that would not in a parameter or result.
const notConverted = "what is passed by reference is not converted"

// maxShared bounds the pairs of types that are met behind references. Two rings of types, of which the one
// comes around more often than the other, would have all pairs compared.
const maxShared = 1 << 17

// counterparts are a type of each side that have to be the same, and where they are.
type counterparts struct {
	w, r *typ
	at   place
}

// reference compares two of what stays where it is, and all that they mention. What
// is nearest comes first: interfaces mention each other, and the shortest way to what
// differs explains it best.
func (c *comparer) reference(n *node, w, r *typ, at place) {
	n.op = opReference
	for queue := []counterparts{{w, r, at}}; len(queue) > 0; queue = queue[1:] {
		queue = append(queue, c.same(queue[0].w, queue[0].r, queue[0].at)...)
	}
}

// same reports how two types are not the same in themselves, and returns what they
// consist of, if that was not compared already.
func (c *comparer) same(w, r *typ, at place) []counterparts {
	this := pair{w, r, false}
	switch {
	case w.kind == opaque && r.kind == opaque:
		c.unknown(w, r, at)
	case w.kind != r.kind || w.kind == opaque || w.bits != r.bits || w.length != r.length && w.kind != function,
		w.kind == marshaled && (w.written != r.written || !sameName(w.name, r.name)),
		w.kind == handle && w.elem != r.elem:
		c.unlike(w, r, at)
	case c.shared[this]:
	case len(c.shared) == maxShared:
		c.refuse(w, r, at, "too many types are compared behind references")
		c.shared[this] = true // which is told once
	case len(c.shared) < maxShared:
		c.shared[this] = true
		return c.parts(w, r, at)
	}
	return nil
}

// unlike reports two types, one of which may be missing.
func (c *comparer) unlike(w, r *typ, at place) {
	reason := ""
	if w == nil || r == nil || related(w, r) {
		reason = notConverted
	}
	c.refuse(w, r, at, reason)
}

// related tells whether two types that differ are such that one may be converted to
// the other elsewhere.
func related(w, r *typ) bool {
	if w.kind == r.kind {
		return w.kind == function || w.kind >= signed && w.kind <= complexNumber
	}
	return min(w.kind, r.kind) == signed && max(w.kind, r.kind) == unsigned
}

// parts returns what two types of one kind consist of.
func (c *comparer) parts(w, r *typ, at place) []counterparts {
	switch w.kind {
	case structure:
		return c.sameFields(w, r, at)
	case object:
		return sameMethods(w, r, at.of(w, r))
	case function:
		return c.signatures(w, r, at)
	case receiver, sender:
		return []counterparts{{w.elem, r.elem, at.step("item")}}
	case mapping:
		return []counterparts{{w.key, r.key, at.mapKey()}, {w.elem, r.elem, at}}
	case slice, array, pointer:
		return []counterparts{{w.elem, r.elem, at}}
	}
	return nil
}

// sameFields returns the fields of two structs, which have to be the same in the same order.
func (c *comparer) sameFields(w, r *typ, at place) (list []counterparts) {
	sources, within := match(w.fields, r.fields, false), at.of(w, r)
	found := make([]bool, len(w.fields))
	for j, i := range sources {
		if i < 0 {
			c.unlike(nil, r.fields[j].typ, within.to(w.fields, r.fields, -1, j))
			continue
		}
		found[i] = true
		list = append(list, counterparts{w.fields[i].typ, r.fields[j].typ, within.to(w.fields, r.fields, i, j)})
	}
	for i, ok := range found {
		if !ok {
			c.unlike(w.fields[i].typ, nil, within.to(w.fields, r.fields, i, -1))
		}
	}
	if len(list) == len(w.fields) && len(list) == len(r.fields) && !slices.IsSorted(sources) {
		c.refuse(w, r, at, "its fields are in another order, and "+notConverted)
	}
	return list
}

// sameMethods returns the methods that two interfaces have in common.
func sameMethods(w, r *typ, at place) (list []counterparts) {
	for j, i := range match(w.fields, r.fields, false) {
		if i >= 0 {
			list = append(list, counterparts{w.fields[i].typ, r.fields[j].typ, at.method(r.fields[j].name)})
		}
	}
	return list
}

// signatures returns the parameters and results of two functions, or the items of two sequences.
func (c *comparer) signatures(w, r *typ, at place) (list []counterparts) {
	if w.length != r.length || len(w.fields) != len(r.fields) {
		c.unlike(w, r, at)
		return nil
	}
	if items, theirs := w.Items(), r.Items(); items != nil && len(items) == len(theirs) {
		for i := range items {
			list = append(list, counterparts{items[i], theirs[i], at.item(i, len(items))})
		}
		return list
	}
	for i := range w.fields {
		what, first := "parameter", 0
		if i >= int(w.length) {
			what, first = "result", int(w.length)
		}
		list = append(list, counterparts{w.fields[i].typ, r.fields[i].typ, at.list(what).to(w.fields[first:], r.fields[first:], i-first, i-first)})
	}
	return list
}
