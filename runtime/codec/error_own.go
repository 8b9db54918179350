package codec

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// Errors that come home
//
// What errors.New returns is told from other errors by nothing but its place in the memory of its process. If a plugin
// hands on what a callback of its host has returned, errors.Is should find it there all the same. So where no variable
// is known, a number stands in place of the variable's name: the other side, to which it means nothing, keeps it
// in the RemoteError, and sends it along if that goes back.

// maxOwnErrors is how many are remembered of a connection. Nobody says when one is not needed any more; each holds on
// to its text alone, and what comes back later is a RemoteError.
const maxOwnErrors = 256

// maxOwnText is how long such a text may be: the other side may have a say in what an error quotes.
const maxOwnText = 1 << 10

// OwnErrors are the last errors of this side that went over a connection. The zero value has none.
type OwnErrors struct {
	mu      sync.Mutex // protects following
	prefix  string     // tells numbers given here from those of others
	next    uint64
	last    [maxOwnErrors]error
	numbers map[error]uint64 // of those in last
}

var plainError = reflect.TypeOf(errors.New(""))

// nameOf is what stands in place of a variable's name, "" if nothing does.
func (o *OwnErrors) nameOf(err error) string {
	if o == nil || reflect.TypeOf(err) != plainError || len(err.Error()) > maxOwnText {
		return ""
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.numbers == nil {
		o.prefix, o.numbers = fmt.Sprintf("own %x ", rand.Uint64()), map[error]uint64{}
	}
	n, known := o.numbers[err]
	if !known {
		n = o.next
		o.next++
		delete(o.numbers, o.last[n%maxOwnErrors])
		o.last[n%maxOwnErrors], o.numbers[err] = err, n
	}
	return o.prefix + strconv.FormatUint(n, 10)
}

// named returns the error that has a name, or nil.
func (o *OwnErrors) named(name string) error {
	if o == nil || !strings.HasPrefix(name, "own ") {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	number, mine := strings.CutPrefix(name, o.prefix)
	n, err := strconv.ParseUint(number, 10, 64)
	is := o.last[n%maxOwnErrors]
	if known, ok := o.numbers[is]; !mine || err != nil || !ok || known != n {
		return nil
	}
	return is
}

// ownErrors are those of the connection, if there is one.
func ownErrors(p Peer) *OwnErrors {
	if p == nil {
		return nil
	}
	return p.OwnErrors()
}
