//go:build (amd64 || arm64 || riscv64 || loong64) && !pingo_netpoll

package transport

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/internal/clock"
)

// A socket that is asked directly
//
// The network poller of Go's runtime costs a socket as much as the kernel does: half
// of the reads find nothing and wait for another thread to say that there is
// something. And it is asked by threads that have nothing else to do, of which a busy
// host has none. So whoever reads here waits in the kernel itself, on a thread
// that comes back with what it needs to go on.

func fromConn(c net.Conn) Stream {
	if s := newBlocking(c); s != nil {
		return s
	}
	return newNetStream(c)
}

// blocking is a stream that waits in the kernel. See above.
type blocking struct {
	file  *os.File
	fd    int   // of file
	users users // of fd

	rights *rights // for descriptors that come along; nil unless this is a unix socket

	// What follows belongs to the one who reads.
	poll    pollFd
	limit   syscall.Timespec
	spinner spinner
	giver   giver

	// And this to the one who writes.
	parts   []syscall.Iovec
	message syscall.Msghdr
}

// newBlocking takes over c, or returns nil if it cannot.
func newBlocking(c net.Conn) *blocking {
	var passes *rights
	switch c.(type) {
	case *net.UnixConn:
		passes = newRights()
	case *net.TCPConn:
	default:
		return nil
	}
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil
	}
	fd := -1
	err = raw.Control(func(original uintptr) { fd, err = copyBlocking(original) })
	if err != nil || fd < 0 {
		return nil
	}
	_ = c.Close() // the copy is what is used
	return &blocking{file: os.NewFile(uintptr(fd), "connection"), fd: fd, rights: passes, spinner: newSpinner()}
}

// copyBlocking returns a copy of a descriptor which the network poller has never
// seen: what it knows it is woken up for, whoever reads.
func copyBlocking(original uintptr) (int, error) {
	fd, _, errno := syscall.Syscall(syscall.SYS_FCNTL, original, syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1, errno
	}
	if err := syscall.SetNonblock(int(fd), false); err != nil {
		_ = syscall.Close(int(fd))
		return -1, err
	}
	return int(fd), nil
}

// use keeps the descriptor open until done.
func (s *blocking) use() error {
	if !s.users.enter() {
		s.done()
		return net.ErrClosed
	}
	return nil
}

func (s *blocking) done() {
	if s.users.leave() {
		_ = s.file.Close()
	}
}

// Close implements Stream. Shutting the socket down wakes everybody who waits for it.
func (s *blocking) Close() error {
	if !s.users.close() {
		return net.ErrClosed
	}
	_ = syscall.Shutdown(s.fd, syscall.SHUT_RDWR) // fails where the peer has gone already
	s.done()
	return nil
}

// Read implements Stream.
func (s *blocking) Read(p []byte) (int, error) { return s.ReadHint(p, 0) }

// ReadHint implements Stream.
func (s *blocking) ReadHint(p []byte, hint Hint) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := s.use(); err != nil {
		return 0, err
	}
	defer s.done()
	if hint&Now != 0 { // else it was asked just now, or it is too early to ask
		n, err := s.ask(p)
		if n == 0 && err == nil {
			err = ErrNothing
		}
		return n, err
	}
	if hint&Spin != 0 && s.spinner.begin() {
		n, err := s.spin(p)
		if s.spinner.end(n > 0 || err != nil) {
			return n, err
		}
	}
	if hint&Near != 0 {
		var n int
		var err error
		if s.giver.give(func() bool { n, err = s.ask(p); return n > 0 || err != nil }) {
			return n, err
		}
	}
	for {
		if err := s.await(hint); err != nil {
			return 0, err
		}
		if n, err := s.ask(p); n > 0 || err != nil {
			return n, err
		}
		if hint&Brief != 0 {
			return 0, ErrNothing
		}
	}
}

// spin asks again and again.
func (s *blocking) spin(p []byte) (int, error) {
	for until := clock.Now().After(spinFor); clock.Now() < until; {
		if n, err := s.ask(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// ask takes what is there.
func (s *blocking) ask(p []byte) (int, error) {
	if r := s.rights; r != nil {
		n, _, errno := syscall.RawSyscall(syscall.SYS_RECVMSG, uintptr(s.fd), r.into(p), syscall.MSG_DONTWAIT|syscall.MSG_CMSG_CLOEXEC)
		return r.took(n, errno)
	}
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), syscall.MSG_DONTWAIT, 0, 0)
	return received(n, errno)
}

// received tells what the system says of a read: 0 without an error is to ask again.
func received(n uintptr, errno syscall.Errno) (int, error) {
	switch {
	case errno == syscall.EINTR, errno == syscall.EAGAIN:
		return 0, nil
	case errno != 0:
		return 0, os.NewSyscallError("read", errno)
	case n == 0:
		return 0, io.EOF
	}
	acquire()
	return int(n), nil
}

// await waits until there is something to read, for a short time at most if the hint says
// so. A thread that waits in the read itself is woken up in vain whenever the peer
// takes what was sent to it: a unix socket tells who waits for it that there is room to write.
func (s *blocking) await(hint Hint) error {
	s.poll = pollFd{fd: int32(s.fd), events: pollIn}
	var limit *syscall.Timespec
	if hint&Brief != 0 {
		s.limit = syscall.NsecToTimespec(int64(brief))
		limit = &s.limit
	}
	_, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&s.poll)), 1, uintptr(unsafe.Pointer(limit)), 0, 0, 0)
	if errno != 0 && errno != syscall.EINTR {
		return os.NewSyscallError("ppoll", errno)
	}
	return nil
}

// TryWrite writes what the system takes at once, which may be nothing.
func (s *blocking) TryWrite(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := s.use(); err != nil {
		return 0, err
	}
	defer s.done()
	release()
	for {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)),
			syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EAGAIN:
			return 0, nil
		case syscall.EINTR:
		default:
			return 0, os.NewSyscallError("write", errno)
		}
	}
}

// Write implements Stream.
func (s *blocking) Write(p []byte) (int, error) {
	if err := s.WriteBuffers(net.Buffers{p}); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteBuffers implements Stream.
func (s *blocking) WriteBuffers(list net.Buffers) error {
	if err := s.use(); err != nil {
		return err
	}
	defer s.done()
	release()
	defer func() { clear(s.parts) }() // keeps nothing alive
	for {
		s.parts = s.parts[:0]
		for _, p := range list {
			if len(p) > 0 {
				part := syscall.Iovec{Base: &p[0]}
				part.SetLen(len(p))
				s.parts = append(s.parts, part)
			}
		}
		if len(s.parts) == 0 {
			return nil
		}
		s.message = syscall.Msghdr{Iov: &s.parts[0]}
		s.message.Iovlen = uint64(len(s.parts))
		n, _, errno := syscall.Syscall(syscall.SYS_SENDMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.message)), syscall.MSG_NOSIGNAL)
		switch errno {
		case 0:
			list = advance(list, int(n))
		case syscall.EINTR:
		default:
			return os.NewSyscallError("write", errno)
		}
	}
}

// advance cuts off the first n bytes.
func advance(list net.Buffers, n int) net.Buffers {
	for len(list) > 0 && n >= len(list[0]) {
		n -= len(list[0])
		list = list[1:]
	}
	if len(list) > 0 {
		list[0] = list[0][n:]
	}
	return list
}
