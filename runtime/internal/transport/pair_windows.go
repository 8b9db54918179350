package transport

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// Pair fails: Windows has no connected sockets to inherit.
func Pair() (net.Conn, *os.File, error) {
	return nil, nil, fmt.Errorf("inherited socket: %w", errors.ErrUnsupported)
}

// Inherited fails: see Pair.
func Inherited(uintptr) (net.Conn, error) {
	return nil, fmt.Errorf("inherited socket: %w", errors.ErrUnsupported)
}
