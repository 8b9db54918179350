package transport

import (
	"encoding/binary"
	"errors"
	"os"
	"syscall"
)

// positionLength is that of what is sent along with descriptors: a position in the ring.
const positionLength = 8

// CanPass implements Passer.
func (s *memory) CanPass() error { return nil }

// Received implements Passer.
func (s *memory) Received() (got Received) {
	if s.received.Files == nil && !s.received.Cut || s.use() != nil {
		return got
	}
	defer s.done()
	got, s.received = s.received, got
	return got
}

// TryWriteFiles implements Passer.
func (s *memory) TryWriteFiles(p []byte, files []int) (int, error) {
	if err := s.use(); err != nil {
		return 0, err
	}
	defer s.done()
	defer s.out.tell()
	if room, err := s.out.room(); room == 0 || err != nil {
		return 0, err
	}
	sent, err := s.send(files)
	if err == errOnTheWay {
		return 0, nil
	}
	if !sent || err != nil {
		return 0, err
	}
	return s.put(p)
}

// WriteFiles implements Passer.
func (s *memory) WriteFiles(p []byte, files []int) (int, error) {
	_, err := patiently(func() (int, error) {
		sent, err := s.send(files)
		if err == nil && !sent {
			err = errOnTheWay // who reads takes them when it needs them
		}
		return 0, err
	})
	if err != nil {
		return 0, err
	}
	return s.Write(p)
}

// send sends descriptors that go along with the next byte, unless that would have to wait.
func (s *memory) send(files []int) (sent bool, err error) {
	if err := s.use(); err != nil {
		return false, err
	}
	defer s.done()
	position := binary.LittleEndian.AppendUint64(nil, s.out.at)
	closed := s.raw.Control(func(fd uintptr) {
		var n int
		n, err = sendFiles(int(fd), position, files, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
		sent = n > 0
	})
	if closed != nil {
		return false, closed
	}
	if sent {
		s.passes++
		s.out.passed.Store(s.passes) // before the byte is told of
	}
	return sent, err
}

// arrive receives what goes along with the next n bytes of the ring, and returns how many of them can be read at
// once: those before the next that something goes along with.
func (s *memory) arrive(n int) (int, error) {
	if err := s.receive(); err != nil || s.pending == nil {
		return n, err
	}
	if s.pending.at == s.in.at && n > 0 {
		s.received.close()
		s.received, s.pending = s.pending.set, nil
		if err := s.receive(); err != nil || s.pending == nil {
			return n, err
		}
	}
	ahead := s.pending.at - s.in.at
	if ahead == 0 && n > 0 || ahead > uint64(len(s.in.data)) {
		return 0, errCorrupt
	}
	return int(min(uint64(n), ahead)), nil
}

var errNotPassed = errors.New("the other side tells of descriptors that did not come")

// receive makes pending the next set, if there is one. When a byte was told of, what goes along with it was sent.
func (s *memory) receive() error {
	if s.pending != nil || s.in.passed.Load() == s.sets {
		return nil
	}
	position, control := make([]byte, positionLength), make([]byte, controlSize)
	var n, controls, flags int
	var err error
	closed := s.raw.Control(func(fd uintptr) {
		n, controls, flags, _, err = syscall.Recvmsg(int(fd), position, control, syscall.MSG_DONTWAIT|syscall.MSG_CMSG_CLOEXEC)
	})
	if closed != nil {
		return closed
	}
	if err != nil && err != syscall.EAGAIN {
		return os.NewSyscallError("recvmsg", err)
	}
	set := Received{}
	if err == nil {
		set = descriptorsIn(control[:controls], flags)
	}
	if n != positionLength {
		set.close()
		return errNotPassed
	}
	s.sets++
	s.pending = &passed{binary.LittleEndian.Uint64(position), set}
	return nil
}
