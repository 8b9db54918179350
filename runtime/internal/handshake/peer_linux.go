package handshake

import (
	"net"
	"syscall"
)

// peerUser asks the kernel for the user of who is at the other end, or was when it
// connected or listened.
func peerUser(c *net.UnixConn) (user int, known bool, _ error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, false, err
	}
	var cred *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		cred, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return 0, false, err
	}
	return int(cred.Uid), true, nil
}
