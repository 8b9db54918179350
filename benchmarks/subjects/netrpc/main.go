// Netrpc is net/rpc with gob over a unix socket, which is what the original pingo
// was made of.
package main

import (
	"net"
	"net/rpc"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/gobs"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

func serve(string) error {
	server := rpc.NewServer()
	if err := server.RegisterName("Echo", gobs.Echo{}); err != nil {
		return err
	}
	return child.Serve(func(l net.Listener) error {
		server.Accept(l)
		return nil
	})
}

type host struct {
	gobs.Client
	child *child.Child
}

func start(path, variant string) (echo.Host, error) {
	c, err := child.Start(path, variant, "unix")
	if err != nil {
		return nil, err
	}
	conn, err := c.Dial()
	if err != nil {
		return nil, err
	}
	return &host{gobs.NewClient(rpc.NewClient(conn), "Echo"), c}, nil
}

func (h *host) Stop() error {
	h.RPC.Close()
	return h.child.Stop()
}
