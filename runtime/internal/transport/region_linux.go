package transport

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/internal/memfd"
)

const (
	regionHead  = 4096 // two rings without their bytes
	regionSeals = memfd.Sealed | memfd.NoShrink | memfd.NoGrow
)

// ends returns what one side has of a region: it reads one ring, and writes the other.
func ends(region []byte, host bool) (in source, out sink) {
	var rings [2]*ring
	var data [2][]byte
	size := (len(region) - regionHead) / 2
	for i := range rings {
		rings[i] = (*ring)(unsafe.Pointer(&region[i*int(unsafe.Sizeof(ring{}))]))
		data[i] = region[regionHead+i*size:][:size:size]
	}
	r, w := 0, 1
	if host {
		r, w = 1, 0
	}
	return source{ring: rings[r], data: data[r]}, sink{ring: rings[w], data: data[w]}
}

// SharedPair is Pair with memory beside the socket, with a ring of that many bytes for each direction. A child process
// inherits the socket and the memory.
func SharedPair(ring int) (*Sharing, []*os.File, error) {
	f, err := newRegion(ring)
	if err != nil {
		return nil, nil, fmt.Errorf("shared memory: %w", err)
	}
	region, err := mapRegion(f)
	if err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("shared memory: %w", err)
	}
	c, child, err := Pair()
	if err != nil {
		unmapRegion(region)
		_ = f.Close()
		return nil, nil, err
	}
	return &Sharing{Conn: c, region: region, host: true}, []*os.File{child, f}, nil
}

// InheritedSharing is the end that a parent process passed as two descriptors. Without memory, if that
// cannot be had here, it is an Inherited.
func InheritedSharing(socket, region uintptr) (net.Conn, error) {
	f := os.NewFile(region, "shared memory")
	defer f.Close() // what is mapped stays
	c, err := Inherited(socket)
	if err != nil {
		return nil, err
	}
	mapped, err := mapRegion(f)
	if err != nil {
		return c, nil
	}
	return &Sharing{Conn: c, region: mapped}, nil
}

// newRegion makes a file that can neither shrink nor grow: no access to it can fail, whoever has it.
func newRegion(ring int) (*os.File, error) {
	f, err := memfd.New("pingo:shared", memfd.Data)
	if err != nil {
		return nil, err
	}
	err = f.Truncate(regionHead + 2*int64(ring))
	if err == nil {
		err = memfd.AddSeals(f, regionSeals)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func mapRegion(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	seals, err := memfd.Seals(f)
	if err != nil {
		return nil, err
	}
	ring := (info.Size() - regionHead) / 2
	if ring < MinRing || ring > MaxRing || ring&(ring-1) != 0 || info.Size() != regionHead+2*ring || seals&regionSeals != regionSeals {
		return nil, fmt.Errorf("a file of %d bytes with the seals %#x", info.Size(), seals)
	}
	region, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	return region, os.NewSyscallError("mmap", err)
}

func unmapRegion(region []byte) {
	_ = syscall.Munmap(region) // fails for what is not mapped only
}
