package conn

import (
	"fmt"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// probes is guarded by Conn.mu.
type probes struct{ sent, answered uint64 }

// Ping asks the peer for a sign of life. Whoever reads there answers, whatever
// the handlers do. It does not wait.
func (c *Conn) Ping() {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.probes.sent++
	id := c.probes.sent
	c.mu.Unlock()
	c.out.post(control(frame.Header{Kind: frame.Ping, ID: id}))
}

// Unanswered is how many Pings in a row the peer has not answered.
func (c *Conn) Unanswered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int(c.probes.sent - c.probes.answered)
}

// pinged answers, unless the peer asks and asks and does not read.
func (c *Conn) pinged(id uint64) {
	c.out.postUnless(2*maxWaiting, control(frame.Header{Kind: frame.Pong, ID: id}))
}

// ponged notes an answer, which is one to all Pings before it as well.
func (c *Conn) ponged(id uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id > c.probes.sent || id <= c.probes.answered {
		return fmt.Errorf("answer to Ping %d of %d, after that to %d", id, c.probes.sent, c.probes.answered)
	}
	c.probes.answered = id
	return nil
}
