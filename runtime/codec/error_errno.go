//go:build !plan9

package codec

import (
	"runtime"
	"syscall"
)

func knowErrno() {
	// The numbers mean something on one operating system only.
	system := Fingerprint("syscall.Errno", runtime.GOOS, nil)
	know("syscall", ErrorValue("Errno", system, encodeErrno, decodeErrno))
}

func encodeErrno(e *Encoder, v syscall.Errno) { e.Uint64(uint64(v)) }
func decodeErrno(d *Decoder) syscall.Errno    { return syscall.Errno(d.Uint()) }
