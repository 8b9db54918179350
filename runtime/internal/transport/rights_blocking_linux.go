//go:build (amd64 || arm64 || riscv64 || loong64) && !pingo_netpoll

package transport

import (
	"syscall"
	"unsafe"
)

// rights is the reading end of a unix socket, over which descriptors may come. It
// is made once, on the heap, where the kernel may write to it: a read with it costs
// as much as one without.
type rights struct {
	msg      syscall.Msghdr
	iov      syscall.Iovec
	control  [syscall.SizeofCmsghdr + MaxFiles*4]byte
	received Received
}

func newRights() *rights {
	r := &rights{}
	r.msg.Iov, r.msg.Iovlen = &r.iov, 1
	r.msg.Control = &r.control[0]
	return r
}

// into has the next recvmsg read into p.
func (r *rights) into(p []byte) uintptr {
	r.iov.Base = &p[0]
	r.iov.SetLen(len(p))
	r.msg.SetControllen(len(r.control))
	return uintptr(unsafe.Pointer(&r.msg))
}

// took tells what the system says of that, as received does, and keeps what came along.
func (r *rights) took(n uintptr, errno syscall.Errno) (int, error) {
	r.iov.Base = nil
	if errno == 0 && (r.msg.Controllen > 0 || r.msg.Flags&syscall.MSG_CTRUNC != 0) {
		r.received.close()
		r.received = descriptorsIn(r.control[:r.msg.Controllen], int(r.msg.Flags))
	}
	return received(n, errno)
}

// CanPass implements Passer.
func (s *blocking) CanPass() error {
	if s.rights == nil {
		return errNoRights
	}
	return nil
}

// Received implements Passer.
func (s *blocking) Received() (got Received) {
	if s.rights != nil {
		got, s.rights.received = s.rights.received, got
	}
	return got
}

// TryWriteFiles implements Passer.
func (s *blocking) TryWriteFiles(p []byte, files []int) (int, error) {
	if err := s.CanPass(); err != nil {
		return 0, err
	}
	if err := s.use(); err != nil {
		return 0, err
	}
	defer s.done()
	release()
	return trySendFiles(s.fd, p, files, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
}

// WriteFiles implements Passer.
func (s *blocking) WriteFiles(p []byte, files []int) (int, error) {
	if err := s.CanPass(); err != nil {
		return 0, err
	}
	n, err := patiently(func() (int, error) { return s.writeOnce(p, files) })
	if err != nil {
		return 0, err
	}
	rest, err := s.Write(p[n:])
	return n + rest, err
}

// writeOnce writes the first of p, and all of files.
func (s *blocking) writeOnce(p []byte, files []int) (int, error) {
	if err := s.use(); err != nil {
		return 0, err
	}
	defer s.done()
	release()
	return sendFiles(s.fd, p, files, syscall.MSG_NOSIGNAL)
}
