package codec

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// firstFormat is the fingerprint of types whose fields are encoded here. Who
// changes how one of them is encoded gives it another.
const firstFormat = 1

func knowStandard() {
	knowVariables()
	know("io/fs", ErrorPointer("PathError", firstFormat, encodePathError, decodePathError))
	know("os",
		ErrorPointer("LinkError", firstFormat, encodeLinkError, decodeLinkError),
		ErrorPointer("SyscallError", firstFormat, encodeSyscallError, decodeSyscallError))
	know("strconv", ErrorPointer("NumError", firstFormat, encodeNumError, decodeNumError))
	know("time", ErrorPointer("ParseError", firstFormat, encodeTimeError, decodeTimeError))
}

// knowVariables has those of the packages that every program has.
func knowVariables() {
	know("github.com/pingogen/pingogen/runtime",
		ErrorVar("ErrReleased", ErrReleased), ErrorVar("ErrUnimplemented", ErrUnimplemented))
	know("errors", ErrorVar("ErrUnsupported", errors.ErrUnsupported))
	know("context",
		ErrorVar("Canceled", context.Canceled),
		ErrorVar("DeadlineExceeded", context.DeadlineExceeded))
	know("io",
		ErrorVar("EOF", io.EOF),
		ErrorVar("ErrClosedPipe", io.ErrClosedPipe),
		ErrorVar("ErrNoProgress", io.ErrNoProgress),
		ErrorVar("ErrShortBuffer", io.ErrShortBuffer),
		ErrorVar("ErrShortWrite", io.ErrShortWrite),
		ErrorVar("ErrUnexpectedEOF", io.ErrUnexpectedEOF))
	know("io/fs",
		ErrorVar("ErrClosed", fs.ErrClosed),
		ErrorVar("ErrExist", fs.ErrExist),
		ErrorVar("ErrInvalid", fs.ErrInvalid),
		ErrorVar("ErrNotExist", fs.ErrNotExist),
		ErrorVar("ErrPermission", fs.ErrPermission),
		ErrorVar("SkipAll", fs.SkipAll),
		ErrorVar("SkipDir", fs.SkipDir))
	know("os",
		ErrorVar("ErrDeadlineExceeded", os.ErrDeadlineExceeded),
		ErrorVar("ErrNoDeadline", os.ErrNoDeadline),
		ErrorVar("ErrProcessDone", os.ErrProcessDone))
	know("bufio",
		ErrorVar("ErrBufferFull", bufio.ErrBufferFull),
		ErrorVar("ErrInvalidUnreadByte", bufio.ErrInvalidUnreadByte),
		ErrorVar("ErrInvalidUnreadRune", bufio.ErrInvalidUnreadRune),
		ErrorVar("ErrNegativeCount", bufio.ErrNegativeCount),
		ErrorVar("ErrTooLong", bufio.ErrTooLong))
	know("strconv",
		ErrorVar("ErrRange", strconv.ErrRange),
		ErrorVar("ErrSyntax", strconv.ErrSyntax))
}

func (e *Encoder) strings(list ...string) {
	for _, s := range list {
		e.String(s)
	}
}

func encodePathError(e *Encoder, v fs.PathError) {
	e.strings(v.Op, v.Path)
	e.Error(v.Err)
}

func decodePathError(d *Decoder) fs.PathError {
	return fs.PathError{Op: d.String(), Path: d.String(), Err: d.Error()}
}

func encodeLinkError(e *Encoder, v os.LinkError) {
	e.strings(v.Op, v.Old, v.New)
	e.Error(v.Err)
}

func decodeLinkError(d *Decoder) os.LinkError {
	return os.LinkError{Op: d.String(), Old: d.String(), New: d.String(), Err: d.Error()}
}

func encodeSyscallError(e *Encoder, v os.SyscallError) {
	e.String(v.Syscall)
	e.Error(v.Err)
}

func decodeSyscallError(d *Decoder) os.SyscallError {
	return os.SyscallError{Syscall: d.String(), Err: d.Error()}
}

func encodeNumError(e *Encoder, v strconv.NumError) {
	e.strings(v.Func, v.Num)
	e.Error(v.Err)
}

func decodeNumError(d *Decoder) strconv.NumError {
	return strconv.NumError{Func: d.String(), Num: d.String(), Err: d.Error()}
}

func encodeTimeError(e *Encoder, v time.ParseError) {
	e.strings(v.Layout, v.Value, v.LayoutElem, v.ValueElem, v.Message)
}

func decodeTimeError(d *Decoder) time.ParseError {
	return time.ParseError{Layout: d.String(), Value: d.String(), LayoutElem: d.String(), ValueElem: d.String(), Message: d.String()}
}
