//go:build unix

package transport

import (
	"net"
	"os"
	"syscall"
)

// Pair returns the two ends of a connected socket without an address: one to
// use here, and one for a child process to inherit.
func Pair() (net.Conn, *os.File, error) {
	ours, theirs, err := socketpair()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	child := os.NewFile(uintptr(theirs), "plugin's end")
	c, err := fileConn(os.NewFile(uintptr(ours), "host's end"))
	if err != nil {
		_ = child.Close()
		return nil, nil, err
	}
	return c, child, nil
}

// Inherited is the connection that a parent process passed as descriptor fd.
func Inherited(fd uintptr) (net.Conn, error) {
	syscall.CloseOnExec(int(fd))
	return fileConn(os.NewFile(fd, "host"))
}

// fileConn takes over f, of which net.FileConn makes a copy.
func fileConn(f *os.File) (net.Conn, error) {
	c, err := net.FileConn(f)
	_ = f.Close() // the copy is what is used
	return c, err
}
