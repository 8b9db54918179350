//go:build !linux

package transport

import (
	"errors"
	"fmt"
	"net"
	"os"
)

var errNoMemory = fmt.Errorf("shared memory: %w", errors.ErrUnsupported)

// SharedPair fails: shared memory is for Linux.
func SharedPair(ring int) (*Sharing, []*os.File, error) { return nil, nil, errNoMemory }

// InheritedSharing fails: see SharedPair.
func InheritedSharing(socket, region uintptr) (net.Conn, error) { return nil, errNoMemory }

func newMemory(c net.Conn, region []byte, host bool) (net.Conn, error) { return nil, errNoMemory }

func unmapRegion([]byte) {}
