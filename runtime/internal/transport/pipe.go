package transport

import "net"

// Pipe returns two connected streams within this process. They have no buffer:
// a Write waits for the Reads that take it.
func Pipe() (a, b Stream) {
	ca, cb := net.Pipe()
	return FromConn(ca), FromConn(cb)
}
