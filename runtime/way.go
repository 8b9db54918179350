package pingo

import (
	"cmp"
	"fmt"
	"math/bits"
	"net"

	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// ways are what is tried until one can be set up.
func (c *Config) ways() (ways []handshake.Way) {
	if c.Transport != "auto" {
		return []handshake.Way{{Transport: c.Transport, Encrypt: c.TLS}}
	}
	if memory := c.ring(); memory > 0 {
		ways = append(ways, handshake.Way{Transport: "auto", Memory: memory})
	}
	for _, transport := range []string{"auto", "unix", "tcp"} {
		ways = append(ways, handshake.Way{Transport: transport, Encrypt: c.TLS})
	}
	return ways
}

// ring is how many bytes of a direction may be on the way through shared memory; 0 if there is to be none.
func (c *Config) ring() int {
	size := min(max(cmp.Or(c.SharedMemory, defaultRing), 0), transport.MaxRing)
	if size == 0 {
		return 0
	}
	return 1 << bits.Len(uint(max(size, transport.MinRing)-1))
}

// toldOf tells whether the ErrorHandler hears that way cannot be set up: that memory cannot be shared is said to
// who has asked for it.
func (c *Config) toldOf(way handshake.Way) bool { return way.Memory == 0 || c.SharedMemory > 0 }

// share has c, the connection that was dialed, go on through shared memory, if it was set up and the plugin wants it too.
func (s *session) share(c net.Conn) error {
	if _, given := c.(*transport.Sharing); given && !s.peer.Memory && s.plugin.cfg.SharedMemory > 0 {
		s.plugin.reports.error(fmt.Errorf("plugin %s: it does not share memory with its host; going on without", s.name))
	}
	return handshake.Share(c, s.peer)
}
