//go:build !linux

package transport

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// MemoryPair fails: shared memory is for Linux.
func MemoryPair() (net.Conn, []*os.File, error) {
	return nil, nil, fmt.Errorf("shared memory: %w", errors.ErrUnsupported)
}

// InheritedMemory fails: see MemoryPair.
func InheritedMemory(socket, region uintptr) (net.Conn, error) {
	return nil, fmt.Errorf("shared memory: %w", errors.ErrUnsupported)
}
