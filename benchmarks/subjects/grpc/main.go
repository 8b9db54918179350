// Grpc is grpc-go over a unix socket.
package main

import (
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
	"github.com/pingogen/pingogen/benchmarks/subjects/grpc/client"
	"github.com/pingogen/pingogen/benchmarks/subjects/grpc/pb"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

func serve(string) error {
	server := grpc.NewServer(grpc.MaxRecvMsgSize(client.MaxMessage))
	pb.RegisterEchoServer(server, client.Service{})
	return child.Serve(func(l net.Listener) error { return server.Serve(l) })
}

type host struct {
	*client.Client
	conn  *grpc.ClientConn
	child *child.Child
}

func start(path, variant string) (echo.Host, error) {
	c, err := child.Start(path, variant, "unix")
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("unix:"+c.Address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(client.MaxMessage)))
	if err != nil {
		return nil, err
	}
	return &host{client.New(conn), conn, c}, nil
}

func (h *host) Stop() error {
	h.conn.Close()
	return h.child.Stop()
}
