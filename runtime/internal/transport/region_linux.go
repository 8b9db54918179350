package transport

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"unsafe"

	"github.com/pingogen/pingogen/runtime/internal/memfd"
)

// ringSize is how many bytes of a direction may be on the way: few enough to stay in a processor's cache.
const ringSize = 256 << 10

const (
	regionHead  = 4096 // two rings without their bytes
	regionSize  = regionHead + 2*ringSize
	regionSeals = memfd.Sealed | memfd.NoShrink | memfd.NoGrow
)

// ends returns what one side has of a region: it reads one ring, and writes the other.
func ends(region []byte, host bool) (in source, out sink) {
	var rings [2]*ring
	var data [2][]byte
	for i := range rings {
		rings[i] = (*ring)(unsafe.Pointer(&region[i*int(unsafe.Sizeof(ring{}))]))
		data[i] = region[regionHead+i*ringSize:][:ringSize:ringSize]
	}
	r, w := 0, 1
	if host {
		r, w = 1, 0
	}
	return source{ring: rings[r], data: data[r]}, sink{ring: rings[w], data: data[w]}
}

// MemoryPair returns the two ends of shared memory, with a socket: one to use here, and the
// socket and the memory for a child process to inherit.
func MemoryPair() (net.Conn, []*os.File, error) {
	f, err := newRegion()
	if err != nil {
		return nil, nil, err
	}
	c, child, err := Pair()
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	m, err := newMemory(c, f, true)
	if err != nil {
		_ = child.Close()
		_ = f.Close()
		return nil, nil, err
	}
	return m, []*os.File{child, f}, nil
}

// InheritedMemory is the end that a parent process passed as two descriptors.
func InheritedMemory(socket, region uintptr) (net.Conn, error) {
	f := os.NewFile(region, "shared memory")
	defer f.Close() // what is mapped stays
	c, err := Inherited(socket)
	if err != nil {
		return nil, err
	}
	return newMemory(c, f, false)
}

// newRegion makes a file that can neither shrink nor grow: no access to it can fail, whoever has it.
func newRegion() (*os.File, error) {
	f, err := memfd.New("pingo:shared", memfd.Data)
	if err != nil {
		return nil, err
	}
	err = f.Truncate(regionSize)
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
	if info.Size() != regionSize || seals&regionSeals != regionSeals {
		return nil, fmt.Errorf("%d bytes with the seals %#x, instead of %d and %#x", info.Size(), seals, regionSize, regionSeals)
	}
	region, err := syscall.Mmap(int(f.Fd()), 0, regionSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	return region, os.NewSyscallError("mmap", err)
}
