package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"unsafe"
)

// How an error travels: one byte, of which the low bits say which form it has
// and the others what comes after it; see docs/protocol.md.
const (
	errorNil      = iota // nothing follows
	errorLeaf            // type, message
	errorWrapping        // type, message, one error
	errorJoining         // type, message, count, errors
	errorCause           // index: this field of a typed error is the error's own cause
	errorForm     = 0x07

	errorVariable = 0x08 // the name of the variable follows
	errorMatches  = 0x10 // the names of variables that its Is method matches follow
	errorAnswers  = 0x20 // what Timeout and Temporary answer follows
	errorTyped    = 0x40 // fingerprint, the size of the fields (4 bytes), and the fields follow
	errorFlags    = errorVariable | errorMatches | errorAnswers | errorTyped
)

// errorNode is one error of a tree as it travels.
type errorNode struct {
	typ, message string
	form         uint8
	causes       []error

	variable string   // "import/path.ErrName", or ""
	matches  []string // variables, by the same names
	answers  *answers // nil unless it is a net.Error or the like

	fingerprint uint64 // of the type's definition
	fields      []byte // nil unless the type is known; set by the decoder only
}

// Error writes an error with all that it wraps.
func (e *Encoder) Error(v error) {
	if v == nil {
		e.Uint8(errorNil)
		return
	}
	if i := e.causeIndex(v); i >= 0 {
		e.Uint8(errorCause)
		e.Uint64(uint64(i))
		return
	}
	if !e.Enter() {
		return
	}
	head, n := len(e.buf), inspect(v)
	if n.variable == "" {
		n.variable = ownErrors(e.peer).nameOf(v)
	}
	e.errorNode(&n)
	if e.errorFields(v, n.causes) {
		e.buf[head] |= errorTyped
	}
	e.Leave()
}

// inspect asks an error for all that can be known of it but its fields.
func inspect(v error) errorNode {
	n := errorNode{typ: nameOfType(v), message: textOf(v), form: errorLeaf, variable: nameOfVariable(v)}
	if isNil(v) {
		return n // its other methods may well panic
	}
	if r := remoteOf(v); r != nil && n.variable == "" {
		n.variable = r.variable // who gets it may know that
	}
	switch w := v.(type) {
	case interface{ Unwrap() error }:
		if cause := w.Unwrap(); cause != nil {
			n.form, n.causes = errorWrapping, []error{cause}
		}
	case interface{ Unwrap() []error }:
		n.form, n.causes = errorJoining, w.Unwrap()
	}
	n.matches = matchedBy(v)
	n.answers = answersOf(v)
	return n
}

func isNil(v error) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// nameOfType is "*import/path.Type", also of an error that is passed on.
func nameOfType(v error) string {
	if t := typeOf(v); t != nil {
		return t.name
	}
	if r := remoteOf(v); r != nil {
		return r.Type
	}
	t, star := reflect.TypeOf(v), ""
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t, star = t.Elem(), "*"
	}
	if t.PkgPath() == "" || t.Name() == "" {
		return star + t.String()
	}
	return star + t.PkgPath() + "." + t.Name()
}

// textOf is what Error returns, or that it panics.
func textOf(v error) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("(the Error method panicked: %v)", p)
		}
	}()
	return v.Error()
}

// errorFields writes the fields of an error whose type is known. If they cannot
// be encoded, it writes nothing: the error travels as one of an unknown type.
func (e *Encoder) errorFields(v error, causes []error) bool {
	t := typeOf(v)
	if t == nil || isNil(v) || e.err != nil {
		return false
	}
	start, outer := len(e.buf), e.causes
	e.causes = slices.Clone(causes)
	e.Uint64(t.fingerprint)
	fields := len(e.buf) + 4
	e.buf = append(e.buf, 0, 0, 0, 0)
	e.copied(func() { t.encode(e, v) })
	e.causes = outer
	size := len(e.buf) - fields
	if e.err == nil && uint64(size) <= math.MaxUint32 {
		binary.LittleEndian.PutUint32(e.buf[fields-4:], uint32(size))
		return true
	}
	e.buf = e.buf[:start]
	if e.err != errDepth {
		e.err = nil
	}
	return false
}

// causeIndex finds an error that a field holds among the causes of the error
// whose fields are being encoded. Each is referred to once, so that what the
// other side makes of it is a tree no larger than the message.
func (e *Encoder) causeIndex(v error) int {
	for i, cause := range e.causes {
		if cause != nil && identical(cause, v) {
			e.causes[i] = nil
			return i
		}
	}
	return -1
}

// identical tells whether two interface values are copies of each other. It is
// narrower than ==, and does not panic if the type cannot be compared.
func identical(a, b error) bool {
	type words [2]unsafe.Pointer
	return *(*words)(unsafe.Pointer(&a)) == *(*words)(unsafe.Pointer(&b))
}

func (e *Encoder) errorNode(n *errorNode) {
	e.Uint8(n.form | n.flags())
	e.String(n.typ)
	e.String(n.message)
	switch n.form {
	case errorWrapping:
		e.Error(n.causes[0])
	case errorJoining:
		EncodeSlice(e, n.causes, (*Encoder).Error)
	}
	if n.variable != "" {
		e.String(n.variable)
	}
	if n.matches != nil {
		EncodeSlice(e, n.matches, (*Encoder).String)
	}
	if n.answers != nil {
		e.Bool(n.answers.timeout)
		e.Bool(n.answers.temporary)
	}
}

func (n *errorNode) flags() (flags uint8) {
	if n.variable != "" {
		flags |= errorVariable
	}
	if n.matches != nil {
		flags |= errorMatches
	}
	if n.answers != nil {
		flags |= errorAnswers
	}
	return flags
}
