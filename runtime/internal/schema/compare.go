package schema

// Arguments compares the parameters of a method that both sides have, as the
// caller writes them and the callee reads them. A nil Plan means that the bytes
// are the same. If anything does not fit, all of it is told and there is no Plan.
func Arguments(caller, callee *Contract, name string) (*Plan, []Mismatch) {
	return compare(caller, callee, name, "parameter", func(m method) []field { return m.params })
}

// Results does the same for the results, which the callee writes and the caller reads.
func Results(callee, caller *Contract, name string) (*Plan, []Mismatch) {
	return compare(callee, caller, name, "result", func(m method) []field { return m.results })
}

func compare(writer, reader *Contract, name, what string, list func(method) []field) (*Plan, []Mismatch) {
	w, err := writer.method(name)
	if err != nil {
		return nil, []Mismatch{writer.unreadable(err)}
	}
	r, err := reader.method(name)
	if err != nil {
		return nil, []Mismatch{reader.unreadable(err)}
	}
	c := comparer{pairs: map[pair]*node{}, shared: map[pair]bool{}}
	root := &node{}
	c.fields(root, list(w), list(r), message(what))
	if len(c.mismatches) > 0 {
		return nil, c.mismatches
	}
	root.dropTail()
	if !root.changes(map[*node]bool{}) {
		return nil, nil
	}
	return &Plan{root}, nil
}

func (c *Contract) unreadable(err error) Mismatch {
	return Mismatch{Reason: "its description " + c.where + " cannot be read: " + err.Error()}
}

// comparer compares two types and what they consist of.
type comparer struct {
	pairs      map[pair]*node
	depth      int
	zeros      int           // bytes of zero values so far
	shared     map[pair]bool // met behind references
	mismatches []Mismatch
}

// pair is what was compared already, or is being compared further up.
type pair struct {
	writer, reader *typ
	key            bool
}

// composite tells whether a type consists of others, perhaps of itself.
func (t *typ) composite() bool {
	return t.kind >= slice && t.kind <= structure || t.kind >= object && t.kind <= sender
}

// maxDepth bounds the nesting of types that contain others by name.
const maxDepth = 1000

// types compares a type of each side and returns the node that goes over a value
// of the writer's and leaves one of the reader's.
func (c *comparer) types(w, r *typ, at place) *node {
	if w.kind != r.kind || !w.composite() { // told at each place
		n := &node{}
		c.kinds(n, w, r, at)
		return n
	}
	this := pair{w, r, at.key}
	if n := c.pairs[this]; n != nil {
		n.cyclic = n.cyclic || n.open
		return n
	}
	n := &node{open: true}
	c.pairs[this] = n
	if c.depth++; c.depth > maxDepth {
		c.refuse(w, r, at, "types are nested too deep")
	} else {
		c.kinds(n, w, r, at)
	}
	c.depth--
	n.open = false
	return n
}

func (c *comparer) kinds(n *node, w, r *typ, at place) {
	switch {
	case w.kind == opaque && r.kind == opaque:
		c.unknown(w, r, at)
	case w.kind == unsigned && r.kind == signed && w.bits < r.bits:
		n.op, n.size = opSign, uint64(w.bits)
	case w.kind != r.kind || w.kind == opaque:
		c.differ(w, r, at)
	case w.kind <= text:
		c.basic(n, w, r, at)
	default:
		c.structure(n, w, r, at)
	}
}

// basic compares numbers, which may become wider, and strings.
func (c *comparer) basic(n *node, w, r *typ, at place) {
	if w.bits > r.bits {
		c.differ(w, r, at)
		return
	}
	switch w.kind {
	case boolean:
		n.op, n.size = opFixed, 1
	case signed, unsigned:
		n.op = opVarint
	case float, complexNumber:
		n.op, n.size = opFixed, uint64(w.bits/8)
		if w.bits < r.bits {
			n.op, n.size = opWiden, uint64(w.bits/32)
		}
	case text:
		n.op = opText
	}
}

// structure compares everything else.
func (c *comparer) structure(n *node, w, r *typ, at place) {
	switch w.kind {
	case bytes:
		n.op = opCounted
	case byteArray, array:
		c.array(n, w, r, at)
	case slice:
		n.op, n.elems = opList, []*node{c.types(w.elem, r.elem, at)}
	case mapping:
		n.op, n.elems = opList, []*node{c.types(w.key, r.key, at.mapKey()), c.types(w.elem, r.elem, at)}
	case pointer:
		n.op, n.elems = opOptional, []*node{c.types(w.elem, r.elem, at)}
	case structure:
		c.fields(n, w.fields, r.fields, at.of(w, r))
	case instant:
		n.op = opInstant
	case failure:
		n.op = opFailure
	case dynamic:
		n.op = opDynamic
	case object, function, receiver, sender:
		c.reference(n, w, r, at)
	case handle:
		n.op = opReference
		if w.elem != r.elem {
			c.differ(w, r, at)
		}
	case marshaled:
		n.op = opCounted
		if w.written != r.written || !sameName(w.name, r.name) {
			c.differ(w, r, at)
		}
	}
}

func (c *comparer) array(n *node, w, r *typ, at place) {
	switch {
	case w.length != r.length:
		c.differ(w, r, at)
	case w.length == 0:
		n.op, n.size = opFixed, 1
	case w.kind == byteArray:
		n.op, n.size = opFixed, uint64(w.length)
	default:
		n.op, n.size, n.elems = opArray, uint64(w.length), []*node{c.types(w.elem, r.elem, at)}
	}
}

// unknown reports two types of whose bytes nothing is known.
func (c *comparer) unknown(w, r *typ, at place) {
	reason := ""
	if w.String() == r.String() {
		reason = "a method with " + clip(w.String()) + " in it has to be the same on both sides"
	}
	c.refuse(w, r, at, reason)
}

// differ reports two types that do not fit.
func (c *comparer) differ(w, r *typ, at place) { c.refuse(w, r, at, "") }
