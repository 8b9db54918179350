// Goplugin is hashicorp/go-plugin, over net/rpc or over gRPC as the variant says.
package main

import (
	"context"
	"net/rpc"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/gobs"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
	"github.com/pingogen/pingogen/benchmarks/subjects/grpc/client"
	"github.com/pingogen/pingogen/benchmarks/subjects/grpc/pb"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

var handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BENCH", MagicCookieValue: "bench"}

func plugins(variant string) plugin.PluginSet {
	if variant == "grpc" {
		return plugin.PluginSet{"echo": &grpcPlugin{}}
	}
	return plugin.PluginSet{"echo": &netrpcPlugin{}}
}

func serve(variant string) error {
	cfg := &plugin.ServeConfig{
		HandshakeConfig: handshake,
		Plugins:         plugins(variant),
		Logger:          hclog.NewNullLogger(),
	}
	if variant == "grpc" {
		cfg.GRPCServer = func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, grpc.MaxRecvMsgSize(client.MaxMessage))...)
		}
	}
	plugin.Serve(cfg)
	return nil
}

// calls is what the clients of both modes have.
type calls interface {
	Small(key string, n int64) (string, error)
	Records() (int, error)
	Bulk(b []byte) ([]byte, error)
	Pause(d time.Duration) error
}

type host struct {
	calls
	client *plugin.Client
}

func start(path, variant string) (echo.Host, error) {
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          plugins(variant),
		Cmd:              exec.Command(path, "plugin", variant),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolNetRPC, plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(client.MaxMessage)),
		},
	})
	protocol, err := c.Client()
	if err != nil {
		return nil, err
	}
	raw, err := protocol.Dispense("echo")
	if err != nil {
		return nil, err
	}
	return &host{raw.(calls), c}, nil
}

func (h *host) Stop() error {
	h.client.Kill()
	return nil
}

// netrpcPlugin is the mode over net/rpc.
type netrpcPlugin struct{}

func (netrpcPlugin) Server(*plugin.MuxBroker) (any, error) { return gobs.Echo{}, nil }

func (netrpcPlugin) Client(_ *plugin.MuxBroker, c *rpc.Client) (any, error) {
	return gobs.NewClient(c, "Plugin"), nil
}

// grpcPlugin is the mode over gRPC.
type grpcPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (grpcPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	pb.RegisterEchoServer(s, client.Service{})
	return nil
}

func (grpcPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return client.New(c), nil
}
