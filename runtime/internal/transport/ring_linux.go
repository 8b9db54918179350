package transport

import (
	"errors"
	"math"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// ring is what both sides share of one direction, beside its bytes. Positions count bytes from the
// beginning, and each has a cache line of its own, as different processors write to them.
type ring struct {
	head   atomic.Uint64 // up to where is written, by who writes
	_      [120]byte
	tail   atomic.Uint64 // up to where is read, by who reads
	_      [120]byte
	hungry atomic.Uint32 // 1 while who reads sleeps on it
	_      [124]byte
	full   atomic.Uint32 // 1 while who writes sleeps on it
	_      [124]byte
	passed atomic.Uint64 // how many sets of descriptors were sent, by who writes
	_      [120]byte
}

// step is after how many bytes of many the other side is told, so that it copies at the same time.
const step = 32 << 10

// nearFor is for how many bytes who reads is taken to need the processor of who writes. The scheduler may move them apart.
const nearFor = 1 << 20

var errCorrupt = errors.New("the other side has written nonsense to the shared memory")

// source is where who reads stands. The position is its own; what the ring says of the
// other side's is believed only if it can be.
type source struct {
	*ring
	data []byte
	at   uint64
}

// available is how many bytes can be read.
func (s *source) available() (int, error) {
	n := s.head.Load() - s.at
	if n > uint64(len(s.data)) {
		return 0, errCorrupt
	}
	return int(n), nil
}

// take reads all of p, which has to be available.
func (s *source) take(p []byte) {
	for len(p) > 0 {
		from := s.at & uint64(len(s.data)-1)
		n := copy(p[:min(len(p), step)], s.data[from:])
		p = p[n:]
		s.at += uint64(n)
		s.tail.Store(s.at)
		// Who waits for room is woken up when there is much of it.
		if s.full.Load() != 0 && s.head.Load()-s.at <= uint64(len(s.data)/2) {
			wake(&s.full)
		}
	}
}

// sink is where who writes stands.
type sink struct {
	*ring
	data []byte
	at   uint64
	told uint64 // what the other side knows of that
	near uint64 // up to where who reads is taken to need this processor
}

// room is how many bytes can be written.
func (s *sink) room() (int, error) {
	used := s.at - s.tail.Load()
	if used > uint64(len(s.data)) {
		return 0, errCorrupt
	}
	return len(s.data) - int(used), nil
}

// put writes as much of p as there is room for.
func (s *sink) put(p []byte) (written int, err error) {
	room, err := s.room()
	if err != nil {
		return 0, err
	}
	for p = p[:min(len(p), room)]; len(p) > 0; {
		n := copy(s.data[s.at&uint64(len(s.data)-1):], p[:min(len(p), step)])
		p = p[n:]
		s.at += uint64(n)
		written += n
		if s.at-s.told >= step {
			s.publish()
			s.wakeAhead()
		}
	}
	return written, nil
}

func (s *sink) publish() {
	s.told = s.at
	s.head.Store(s.at)
}

// wakeAhead wakes up who reads while more is to be written. If it has read everything when that is done, it was given this
// processor for it. To hand that to and fro for each step would take as long as to copy all the bytes: for a while, who reads
// is left asleep until there is no more room, or nothing more to write.
func (s *sink) wakeAhead() {
	if s.at < s.near || s.hungry.Load() == 0 {
		return
	}
	wake(&s.hungry)
	if s.tail.Load() == s.at {
		s.near = s.at + nearFor
	}
}

// tell publishes what was written, and has it read.
func (s *sink) tell() {
	s.publish()
	if s.hungry.Load() != 0 {
		wake(&s.hungry)
	}
}

// Operations of futex(2), between processes.
const (
	futexWait = 0
	futexWake = 1
)

// sleep returns when word is not 1, after limit, or for no reason. Its thread waits in the kernel.
func sleep(word *atomic.Uint32, limit time.Duration) {
	t := syscall.NsecToTimespec(int64(limit))
	_, _, _ = syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWait, 1, uintptr(unsafe.Pointer(&t)), 0, 0)
}

// wake wakes up who sleeps on word, if anybody does.
func wake(word *atomic.Uint32) {
	if word.Swap(0) != 0 {
		_, _, _ = syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake, 1, 0, 0, 0)
	}
}

// wakeAll wakes up everybody who sleeps on word.
func wakeAll(word *atomic.Uint32) {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake, math.MaxInt32, 0, 0, 0)
}
