package schema

// Plan rewrites the messages of one writer for one reader. It may be used by any
// number of goroutines at once.
type Plan struct{ root *node }

// op is what is done with a value.
type op uint8

const (
	opFixed     op = iota // size bytes stay as they are, as do the values of the following:
	opVarint              // a varint
	opText                // a length and bytes
	opCounted             // 0, or a length plus one and bytes
	opInstant             // three varints
	opFailure             // an error
	opDynamic             // a value with its type
	opReference           // 0, or another byte, a varint, and what that byte brings
	opList                // 0, or a count plus one and so many times elems
	opArray               // size times elems
	opOptional            // 0, or 1 and elems
	opRecord              // the steps of record
	opSign                // an unsigned varint of size bits becomes a signed one
	opWiden               // size times a float32 becomes a float64
)

// node goes over one value. Nodes of recursive types are cycles.
type node struct {
	op     op
	size   uint64
	elems  []*node
	record *record
	open   bool // is being compared
	cyclic bool // may come again inside itself
}

// record goes over a struct or a message.
type record struct {
	steps []step   // one for each of the writer's fields
	tail  []byte   // what comes behind the last
	order []source // the reader's fields, if they are not in the writer's order
}

// step goes over a field.
type step struct {
	before []byte // what comes before it
	node   *node
	drop   bool
}

// source is where a field of the reader comes from: a step, or a zero value.
type source struct {
	step int
	zero []byte
}

// changes tells whether a node ever writes other bytes than it reads.
func (n *node) changes(seen map[*node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	if n.op == opSign || n.op == opWiden {
		return true
	}
	for _, elem := range n.elems {
		if elem.changes(seen) {
			return true
		}
	}
	return n.record != nil && n.record.changes(seen)
}

func (rec *record) changes(seen map[*node]bool) bool {
	if rec.order != nil || rec.tail != nil {
		return true
	}
	for _, s := range rec.steps {
		if s.changed(seen) {
			return true
		}
	}
	return false
}

func (s *step) changed(seen map[*node]bool) bool {
	return s.drop || s.before != nil || s.node.changes(seen)
}

// dropTail leaves the last steps of a message away if they change nothing: what
// is left of a message stays as it is.
func (n *node) dropTail() {
	rec := n.record
	if rec.order != nil || rec.tail != nil {
		return
	}
	for len(rec.steps) > 0 && !rec.steps[len(rec.steps)-1].changed(map[*node]bool{}) {
		rec.steps = rec.steps[:len(rec.steps)-1]
	}
}
