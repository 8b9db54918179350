package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// fieldError has its cause in a field, and another error beside it.
type fieldError struct {
	Name  string
	Other error
	Err   error
}

func (e *fieldError) Error() string { return e.Name + ": " + e.Err.Error() }
func (e *fieldError) Unwrap() error { return e.Err }

func encodeFieldError(e *Encoder, v fieldError) {
	e.String(v.Name)
	e.Error(v.Other)
	e.Error(v.Err)
}

func decodeFieldError(d *Decoder) fieldError {
	return fieldError{d.String(), d.Error(), d.Error()}
}

// list is an error by value that wraps several and cannot be compared.
type list []error

func (l list) Error() string   { return fmt.Sprint([]error(l)) }
func (l list) Unwrap() []error { return l }

// code is an error by value.
type code int

func (c code) Error() string { return fmt.Sprintf("code %d", int(c)) }

// locked must not be copied.
type locked struct {
	mu   sync.Mutex
	text string
}

func (l *locked) Error() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// stubborn cannot be encoded.
type stubborn struct{ error }

var errStubborn, errCode = errors.New("stubborn"), error(code(7))

func init() {
	RegisterErrors("example.com/test",
		ErrorVar("ErrStubborn", errStubborn),
		ErrorVar("ErrCode", errCode),
		ErrorPointer("fieldError", 1, encodeFieldError, decodeFieldError),
		ErrorValue("list", 2,
			func(e *Encoder, v list) { EncodeSlice(e, v, (*Encoder).Error) },
			func(d *Decoder) list { return DecodeSlice(d, (*Decoder).Error) }),
		ErrorValue("code", 3,
			func(e *Encoder, v code) { e.Int(int(v)) },
			func(d *Decoder) code { return code(d.Int()) }),
		ErrorReference("locked", 4,
			func(e *Encoder, v *locked) { e.String(v.text) },
			func(d *Decoder, v *locked) { v.text = d.String() }),
		ErrorValue("stubborn", 5,
			func(e *Encoder, v stubborn) { e.Marshaled(nil, errStubborn) },
			func(d *Decoder) stubborn { return stubborn{io.EOF} }),
	)
}

func TestRegisteredTypes(t *testing.T) {
	for _, in := range []error{
		&fieldError{Name: "a", Err: io.EOF},
		&fieldError{Name: "a", Other: fs.ErrExist, Err: &fieldError{Name: "c", Err: list{io.EOF, errStubborn}}},
		list{}, list(nil), list{io.EOF, nil, code(1)}, &list{io.EOF},
		list{list{io.EOF}, list{list{code(1), list{}}}},
		code(1), new(code), &fieldError{Name: "x", Err: list{code(1), io.EOF}},
		&fieldError{Name: "same twice", Other: io.EOF, Err: io.EOF},
	} {
		got := crossed(t, in)
		require.Equal(t, in, got)
		require.Equal(t, in, crossed(t, got))
	}
	got := crossed(t, &locked{text: "locked"})
	require.IsType(t, &locked{}, got)
	require.EqualError(t, got, "locked")
}

func TestVariablesAreTheSame(t *testing.T) {
	settle()
	variables.Range(func(name, v any) bool {
		s := v.(error)
		require.True(t, crossed(t, s) == s, name)
		wrapped := crossed(t, fmt.Errorf("a: %w", fmt.Errorf("b: %w", s)))
		require.ErrorIs(t, wrapped, s)
		require.EqualError(t, wrapped, "a: b: "+s.Error())
		return true
	})
}

func TestVariableOfARegisteredType(t *testing.T) {
	require.Equal(t, code(7), crossedAs(t, errCode, "ErrCode", "ErrNone"), "who does not know the variable may know the type")
}

func TestVariableOfAnotherPackageKeepsItsName(t *testing.T) {
	RegisterErrors("example.com/alias", ErrorVar("ErrEnd", io.EOF))
	require.Equal(t, "io.EOF", nameOfVariable(io.EOF), "who does not know the alias knows io.EOF")
}

// TestUnknownDefinition: who does not know a type, or knows another one by its
// name, gets its text, its name, what it wraps, and nothing else.
func TestUnknownDefinition(t *testing.T) {
	in := &fieldError{Name: "a", Other: fs.ErrExist, Err: fmt.Errorf("b: %w", io.EOF)}
	for _, got := range []error{
		crossedAs(t, in, "example.com/test.field", "example.com/test.fjord"),
		withFingerprint(t, in, 99),
	} {
		var remote *RemoteError
		require.ErrorAs(t, got, &remote)
		require.Contains(t, remote.Type, "*example.com/test.f")
		requireSameShape(t, in, got)
		require.ErrorIs(t, got, io.EOF)
		require.NotErrorIs(t, got, fs.ErrExist)
	}
}

func withFingerprint(t *testing.T, in error, fingerprint uint64) error {
	is := typeOf(in)
	was := is.fingerprint
	var e Encoder
	is.fingerprint = fingerprint
	e.Error(in)
	is.fingerprint = was
	var d Decoder
	d.Reset(e.Buffer(), false)
	defer func() { require.NoError(t, d.Err()) }()
	return d.Error()
}

func TestFieldsThatCannotBeEncoded(t *testing.T) {
	got := crossed(t, stubborn{io.EOF})
	require.Equal(t, &RemoteError{Type: "example.com/test.stubborn", Message: "EOF"}, got)
}

// typedNode returns an error of the registered type name with any fields.
func typedNode(name string, n errorNode, fields []byte) []byte {
	var e Encoder
	n.typ = name
	e.errorNode(&n)
	e.buf[0] |= errorTyped
	e.Uint64(typeNamed(name).fingerprint)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, uint32(len(fields)))
	return append(e.buf, fields...)
}

func TestFieldsThatLie(t *testing.T) {
	for name, fields := range map[string]func(*Encoder){
		"would panic":     func(e *Encoder) { e.String("a"); e.Error(nil); e.Error(nil) },
		"end early":       func(e *Encoder) { e.String("a") },
		"too many":        func(e *Encoder) { e.String("a"); e.Error(nil); e.Error(io.EOF); e.Int(1) },
		"no such cause":   func(e *Encoder) { e.String("a"); e.Error(nil); e.Uint8(errorCause); e.Uint64(0) },
		"recursive lies":  func(e *Encoder) { e.String("a"); e.Error(&fieldError{}); e.Uint8(77) },
		"not even fields": func(e *Encoder) { e.buf = append(e.buf, 0xff, 0xff) },
	} {
		var f Encoder
		fields(&f)
		var d Decoder
		d.Reset(typedNode("*example.com/test.fieldError", errorNode{form: errorLeaf, message: "text"}, f.Buffer()), false)
		require.Equal(t, &RemoteError{Type: "*example.com/test.fieldError", Message: "text"}, d.Error(), name)
		require.NoError(t, d.Err())
	}
}

// TestCauseIsUsedOnce: a message cannot make an error that is larger than itself.
func TestCauseIsUsedOnce(t *testing.T) {
	var f Encoder
	EncodeSlice(&f, []int{0, 0}, func(e *Encoder, i int) {
		e.Uint8(errorCause)
		e.Uint64(uint64(i))
	})
	var d Decoder
	d.Reset(typedNode("example.com/test.list", errorNode{form: errorJoining, causes: []error{io.EOF}}, f.Buffer()), false)
	require.IsType(t, &joining{}, d.Error())
	require.NoError(t, d.Err())
}

// TestTextsAreBounded: fields that make a long text again at each of many levels.
func TestTextsAreBounded(t *testing.T) {
	const levels = 200
	var leaf Encoder
	leaf.Error(errors.New(string(make([]byte, 1<<20))))
	var head, tail Encoder
	head.Uint8(errorWrapping | errorTyped)
	head.String("*io/fs.PathError")
	head.String("")
	tail.Uint64(firstFormat)
	tail.buf = append(tail.buf, 4, 0, 0, 0, 0, 0, errorCause, 0)
	msg := slices.Concat(bytes.Repeat(head.Buffer(), levels), leaf.Buffer(), bytes.Repeat(tail.Buffer(), levels))
	var d Decoder
	d.Reset(msg, true)
	require.Error(t, d.Error())
	require.NoError(t, d.Err())
	require.Negative(t, d.texts)
	require.Greater(t, d.texts, -4<<20)
}

func TestNestedDeeply(t *testing.T) {
	var in error = io.EOF
	for range 200 {
		in = &fieldError{Name: "n", Err: in}
	}
	require.Equal(t, in, crossed(t, in))
	for range maxDepth {
		in = &fieldError{Name: "n", Other: in, Err: io.EOF}
	}
	var e Encoder
	e.Error(in)
	require.ErrorContains(t, e.Err(), "cycle")
}

func TestRegisterWhileCallsFail(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 100 {
				RegisterErrors("example.com/concurrent", ErrorVar(fmt.Sprint("Err", i), fmt.Errorf("%d", i)))
				_ = crossed(t, &matching{})
			}
		})
	}
	wg.Wait()
}
