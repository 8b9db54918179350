// Thrift is Apache Thrift over unix sockets, with the binary protocol and
// buffered transports: one for each caller, as a connection carries one call at a
// time.
package main

import (
	"context"
	"net"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
	idl "github.com/pingogen/pingogen/benchmarks/subjects/thrift/gen-go/echo"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

var (
	conf       = &thrift.TConfiguration{}
	transports = thrift.NewTBufferedTransportFactory(64 << 10)
	protocols  = thrift.NewTBinaryProtocolFactoryConf(conf)
)

func serve(string) error {
	return child.Serve(func(l net.Listener) error {
		listen := func(net.Addr) (net.Listener, error) { return l, nil }
		socket := thrift.NewTServerSocketFromFactoryTimeout(listen, l.Addr(), 0)
		return thrift.NewTSimpleServer4(idl.NewEchoProcessor(service{}), socket, transports, protocols).Serve()
	})
}

// service is the plugin's side.
type service struct{}

func (service) Small(_ context.Context, key string, _ int64) (string, error) {
	return echo.Reply(key), nil
}

func (service) Records(_ context.Context, records []*idl.Record) ([]*idl.Record, error) {
	return records, nil
}

func (service) Bulk(_ context.Context, b []byte) ([]byte, error) { return b, nil }

func (service) Pause(_ context.Context, nanoseconds int64) error {
	time.Sleep(time.Duration(nanoseconds))
	return nil
}

// host is the host's side.
type host struct {
	child   *child.Child
	pool    echo.Pool[*conn]
	records []*idl.Record
}

type conn struct {
	net.Conn
	*idl.EchoClient
}

func start(path, variant string) (echo.Host, error) {
	c, err := child.Start(path, variant, "unix")
	if err != nil {
		return nil, err
	}
	h := &host{child: c}
	h.pool.Dial = h.dial
	for _, r := range echo.Records() {
		h.records = append(h.records, &idl.Record{
			ID: r.ID, Key: r.Key, Score: r.Score, A: r.A, B: r.B, C: r.C, At: r.At.UnixNano(),
		})
	}
	return h, nil
}

func (h *host) dial() (*conn, error) {
	c, err := h.child.Dial()
	if err != nil {
		return nil, err
	}
	transport, err := transports.GetTransport(thrift.NewTSocketFromConnConf(c, conf))
	if err != nil {
		return nil, err
	}
	return &conn{c, idl.NewEchoClientFactory(transport, protocols)}, nil
}

// with calls do with a client that no other caller uses.
func with[T any](h *host, do func(*conn) (T, error)) (reply T, err error) {
	c, err := h.pool.Get()
	if err != nil {
		return reply, err
	}
	defer h.pool.Put(c)
	return do(c)
}

func (h *host) Small(key string, n int64) (string, error) {
	return with(h, func(c *conn) (string, error) { return c.Small(context.Background(), key, n) })
}

func (h *host) Records() (int, error) {
	reply, err := with(h, func(c *conn) ([]*idl.Record, error) {
		return c.Records(context.Background(), h.records)
	})
	return len(reply), err
}

func (h *host) Bulk(b []byte) ([]byte, error) {
	return with(h, func(c *conn) ([]byte, error) { return c.Bulk(context.Background(), b) })
}

func (h *host) Pause(d time.Duration) error {
	_, err := with(h, func(c *conn) (any, error) { return nil, c.Pause(context.Background(), int64(d)) })
	return err
}

func (h *host) Stop() error {
	h.pool.Close(func(c *conn) { c.Close() })
	return h.child.Stop()
}
