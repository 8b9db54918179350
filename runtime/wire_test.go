package pingo_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// readAhead is a wire that reads before it is asked to, as one does that holds bytes back for a while.
func readAhead(c net.Conn) net.Conn {
	near, far := net.Pipe()
	parts := make(chan []byte, 100)
	go func() {
		defer close(parts)
		for {
			p := make([]byte, 100)
			n, err := c.Read(p)
			if err != nil {
				return
			}
			parts <- p[:n]
		}
	}()
	go func() {
		defer far.Close()
		for p := range parts {
			_, _ = far.Write(p) // fails once it is closed, until c is, too
		}
	}()
	go func() {
		defer c.Close()
		_, _ = io.Copy(c, far) // until one of them ends
	}()
	return near
}

func TestWireThatReadsAhead(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, _ := setup(t, "lab")
		use(&cfg, transport)
		cfg.Wire = readAhead
		p := start(t, cfg)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		for range 100 {
			var echo string
			require.NoError(t, p.CallContext(ctx, "Lab.Echo", "x", &echo))
			require.Equal(t, "x", echo)
		}
	})
}
