package handshake

import (
	"fmt"
	"net"
	"os"
)

// checkPeer refuses a peer of another user than want, where the system tells whose it
// is. Only unix sockets tell.
func checkPeer(c net.Conn, want int) error {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil
	}
	user, known, err := peerUser(u)
	if err != nil || !known || user == want {
		return err
	}
	return fmt.Errorf("%w: it runs as user %d, not %d", errImpostor, user, want)
}

// pluginUser is whom the plugin runs as.
func (o *Offer) pluginUser() int {
	if o.as != nil {
		return int(o.as.User)
	}
	return os.Geteuid()
}
