//go:build unix

package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// close closes what nobody has asked for.
func (r Received) close() {
	for _, fd := range r.Files {
		_ = syscall.Close(fd)
	}
}

var errNoRights = errors.New(`only unix sockets pass descriptors, and the connection between host and plugin is none: use "auto" or "unix"`)

// controlSize is the room for MaxFiles descriptors beside what is read.
var controlSize = syscall.CmsgSpace(MaxFiles * 4)

// descriptorsIn returns the descriptors in what came beside the bytes of a read.
func descriptorsIn(control []byte, flags int) Received {
	got := Received{Cut: flags&syscall.MSG_CTRUNC != 0}
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		got.Cut = true
	}
	for i := range messages {
		if fds, err := syscall.ParseUnixRights(&messages[i]); err == nil {
			got.Files = append(got.Files, fds...)
		}
	}
	return got
}

// errOnTheWay is that the system holds so many descriptors already that are on their way,
// of this user's, that it takes no more. It passes.
const errOnTheWay = syscall.ETOOMANYREFS

// sendFiles writes once, with descriptors. Where it would have to wait for room and
// may not, it writes nothing.
func sendFiles(fd int, p []byte, files []int, flags int) (int, error) {
	rights := syscall.UnixRights(files...)
	for {
		n, err := syscall.SendmsgN(fd, p, rights, nil, flags)
		switch err {
		case nil:
			return n, nil
		case syscall.EAGAIN:
			return 0, nil
		case syscall.EINTR:
		case errOnTheWay:
			return 0, errOnTheWay
		default:
			return 0, os.NewSyscallError("sendmsg", err)
		}
	}
}

// trySendFiles is sendFiles where nothing may wait.
func trySendFiles(fd int, p []byte, files []int, flags int) (int, error) {
	n, err := sendFiles(fd, p, files, flags)
	if err == errOnTheWay {
		return 0, nil
	}
	return n, err
}

// patiently repeats what fails because too many descriptors are on the way. Nothing
// tells when they have arrived.
func patiently(send func() (int, error)) (n int, err error) {
	for {
		if n, err = send(); err != errOnTheWay {
			return n, err
		}
		time.Sleep(time.Millisecond)
	}
}

// netRights passes descriptors by Go's network poller.
type netRights struct {
	conn     *net.UnixConn
	raw      syscall.RawConn
	control  []byte
	received Received
}

// newNetRights returns nil for what passes none.
func newNetRights(c net.Conn) *netRights {
	conn, ok := c.(*net.UnixConn)
	if !ok {
		return nil
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	return &netRights{conn: conn, raw: raw, control: make([]byte, controlSize)}
}

func (r *netRights) read(p []byte) (int, error) {
	n, controls, flags, _, err := r.conn.ReadMsgUnix(p, r.control)
	if controls > 0 || flags&syscall.MSG_CTRUNC != 0 {
		r.received.close()
		r.received = descriptorsIn(r.control[:controls], flags)
	}
	if errors.Is(err, io.EOF) {
		err = io.EOF // which it is not when it comes with descriptors
	}
	return max(0, n), err
}

func (r *netRights) tryWrite(p []byte, files []int) (n int, err error) {
	closed := r.raw.Write(func(fd uintptr) bool {
		n, err = trySendFiles(int(fd), p, files, 0)
		return true
	})
	if closed != nil {
		return 0, closed
	}
	return n, err
}

// write writes the first of p, and all of files.
func (r *netRights) write(p []byte, files []int) (int, error) {
	return patiently(func() (int, error) { return r.writeOnce(p, files) })
}

func (r *netRights) writeOnce(p []byte, files []int) (n int, err error) {
	closed := r.raw.Write(func(fd uintptr) bool {
		n, err = sendFiles(int(fd), p, files, 0)
		return n > 0 || err != nil
	})
	if closed != nil {
		return 0, closed
	}
	return n, err
}
