package conn

// calls are those that this side has made, without a reply yet. Each stands at the place of a table that its number leads
// to, and numbers are given so that no two lead to the same: they count up, and leave out those whose places are taken by
// calls that take long.
type calls struct {
	last  uint64 // number that was given
	n     int
	table []*call // as long as a power of two, and at least twice as long as there are calls
}

const (
	minTable = 16
	// keepTable is how many places are kept when there are no calls.
	keepTable = 1024
)

func newCalls() calls { return calls{table: make([]*call, minTable)} }

func (cs *calls) place(id uint64) **call { return &cs.table[id&uint64(len(cs.table)-1)] }

// add gives a call its number.
func (cs *calls) add(call *call) {
	if cs.n++; 2*cs.n > len(cs.table) {
		cs.grow()
	}
	cs.last++
	for *cs.place(cs.last) != nil {
		cs.last++
	}
	call.id = cs.last
	*cs.place(call.id) = call
}

func (cs *calls) grow() {
	before := cs.table
	cs.table = make([]*call, 2*len(before))
	for _, call := range before {
		if call != nil {
			*cs.place(call.id) = call
		}
	}
}

// get returns nil for a number that no call has.
func (cs *calls) get(id uint64) *call {
	if call := *cs.place(id); call != nil && call.id == id {
		return call
	}
	return nil
}

// remove does nothing for a call that is not there any more.
func (cs *calls) remove(gone *call) {
	place := cs.place(gone.id)
	if *place != gone {
		return
	}
	*place = nil
	if cs.n--; cs.n == 0 && len(cs.table) > keepTable {
		cs.clear()
	}
}

func (cs *calls) clear() { cs.n, cs.table = 0, make([]*call, minTable) }

// all ranges over the calls. Nothing is to be added or removed meanwhile.
func (cs *calls) all(yield func(*call) bool) {
	for _, call := range cs.table {
		if call != nil && !yield(call) {
			return
		}
	}
}
