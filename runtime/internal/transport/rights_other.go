//go:build !unix

package transport

import (
	"errors"
	"net"
	"runtime"
)

var errNoRights = errors.New(runtime.GOOS + " passes no descriptors from process to process as Unix does")

// netRights passes no descriptors: only unix sockets do, on a system that is one.
type netRights struct{ received Received }

func newNetRights(net.Conn) *netRights { return nil }

func (*netRights) read([]byte) (int, error)            { return 0, errNoRights }
func (*netRights) tryWrite([]byte, []int) (int, error) { return 0, errNoRights }
func (*netRights) write([]byte, []int) (int, error)    { return 0, errNoRights }
