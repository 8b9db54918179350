package codec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// RemoteError stands for an error of the other side whose type does not exist
// here, or is not known to cross. Its text is the original's. What it wraps
// crosses too: errors.Is and errors.As look through it.
type RemoteError struct {
	Type    string // the original's type, such as "*errors.errorString"
	Message string // what its Error returned
}

func (e *RemoteError) Error() string { return e.Message }

// wrapping is a RemoteError that wraps one error.
type wrapping struct {
	*RemoteError
	cause error
}

func (e *wrapping) Unwrap() error      { return e.cause }
func (e *wrapping) As(target any) bool { return e.as(target) }

// joining is a RemoteError that wraps several.
type joining struct {
	*RemoteError
	causes []error
}

func (e *joining) Unwrap() []error    { return e.causes }
func (e *joining) As(target any) bool { return e.as(target) }

// as lets errors.As find the RemoteError inside the two types above.
func (e *RemoteError) as(target any) bool {
	p, ok := target.(**RemoteError)
	if ok {
		*p = e
	}
	return ok
}

// ErrUnimplemented is in the error of a call to something that is not
// registered. It is pingo.ErrUnimplemented.
var ErrUnimplemented = errors.New("not implemented")

// sentinels are the errors that are the same variable on both sides.
var sentinels = map[string]error{
	"context.Canceled":         context.Canceled,
	"context.DeadlineExceeded": context.DeadlineExceeded,
	"errors.ErrUnsupported":    errors.ErrUnsupported,
	"fs.ErrClosed":             fs.ErrClosed,
	"fs.ErrExist":              fs.ErrExist,
	"fs.ErrInvalid":            fs.ErrInvalid,
	"fs.ErrNotExist":           fs.ErrNotExist,
	"fs.ErrPermission":         fs.ErrPermission,
	"io.EOF":                   io.EOF,
	"io.ErrClosedPipe":         io.ErrClosedPipe,
	"io.ErrNoProgress":         io.ErrNoProgress,
	"io.ErrShortBuffer":        io.ErrShortBuffer,
	"io.ErrShortWrite":         io.ErrShortWrite,
	"io.ErrUnexpectedEOF":      io.ErrUnexpectedEOF,
	"os.ErrDeadlineExceeded":   os.ErrDeadlineExceeded,
	"os.ErrProcessDone":        os.ErrProcessDone,
	"pingo.ErrUnimplemented":   ErrUnimplemented,
	"strconv.ErrRange":         strconv.ErrRange,
	"strconv.ErrSyntax":        strconv.ErrSyntax,
}

// sentinelName returns the name of an error that is known to both sides.
func sentinelName(err error) (string, bool) {
	for name, s := range sentinels {
		if err == s {
			return name, true
		}
	}
	return "", false
}

// How an error travels: a byte that says which, and what follows.
const (
	errorNil      = iota // nothing
	errorSentinel        // name
	errorPlain           // type, message
	errorWrapping        // type, message, one error
	errorJoining         // type, message, count, errors
)

// Error writes an error with all that it wraps.
func (e *Encoder) Error(v error) {
	if v == nil {
		e.Uint8(errorNil)
		return
	}
	if name, ok := sentinelName(v); ok {
		e.Uint8(errorSentinel)
		e.String(name)
		return
	}
	if !e.Enter() {
		return
	}
	defer e.Leave()
	switch w := v.(type) {
	case interface{ Unwrap() error }:
		if cause := w.Unwrap(); cause != nil {
			e.errorNode(errorWrapping, v)
			e.Error(cause)
			return
		}
	case interface{ Unwrap() []error }:
		e.errorNode(errorJoining, v)
		EncodeSlice(e, w.Unwrap(), (*Encoder).Error)
		return
	}
	e.errorNode(errorPlain, v)
}

func (e *Encoder) errorNode(kind uint8, v error) {
	e.Uint8(kind)
	var remote *RemoteError
	switch r := v.(type) { // an error that is passed on keeps its type
	case *RemoteError:
		remote = r
	case *wrapping:
		remote = r.RemoteError
	case *joining:
		remote = r.RemoteError
	}
	if remote != nil {
		e.String(remote.Type)
	} else {
		e.String(fmt.Sprintf("%T", v))
	}
	e.String(v.Error())
}

// Error reads an error.
func (d *Decoder) Error() error {
	if !d.Enter() {
		return nil
	}
	defer d.Leave()
	kind := d.Uint8()
	switch kind {
	case errorNil:
		return nil
	case errorSentinel:
		name := d.String()
		if err := sentinels[name]; err != nil {
			return err
		}
		return &RemoteError{Type: name, Message: name} // the other side knows one that this does not
	case errorPlain, errorWrapping, errorJoining:
	default:
		d.Fail(fmt.Errorf("unknown kind of error %d", kind))
		return nil
	}
	r := &RemoteError{Type: d.String(), Message: d.String()}
	switch kind {
	case errorWrapping:
		cause := d.Error()
		if cause == nil {
			d.Fail(errors.New("error that wraps nil"))
		}
		return &wrapping{r, cause}
	case errorJoining:
		return &joining{r, DecodeSlice(d, (*Decoder).Error)}
	}
	return r
}
