// Drpc is storj/drpc over unix sockets: one for each caller, as a connection
// carries one call at a time.
package main

import (
	"context"
	"net"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	"storj.io/drpc/drpcconn"
	"storj.io/drpc/drpcmanager"
	"storj.io/drpc/drpcmux"
	"storj.io/drpc/drpcserver"
	"storj.io/drpc/drpcwire"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
	"github.com/pingogen/pingogen/benchmarks/subjects/drpc/pb"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

// options allow the messages of W4, which are larger than drpc does unless told.
var options = drpcmanager.Options{Reader: drpcwire.ReaderOptions{MaximumBufferSize: 64 << 20}}

func serve(string) error {
	mux := drpcmux.New()
	if err := pb.DRPCRegisterEcho(mux, service{}); err != nil {
		return err
	}
	server := drpcserver.NewWithOptions(mux, drpcserver.Options{Manager: options})
	return child.Serve(func(l net.Listener) error { return server.Serve(context.Background(), l) })
}

// service is the plugin's side.
type service struct{}

func (service) Small(_ context.Context, r *pb.SmallRequest) (*pb.SmallReply, error) {
	return &pb.SmallReply{Text: echo.Reply(r.Key)}, nil
}

func (service) Records(_ context.Context, r *pb.RecordList) (*pb.RecordList, error) {
	return r, nil
}

func (service) Bulk(_ context.Context, b *pb.Blob) (*pb.Blob, error) { return b, nil }

func (service) Pause(_ context.Context, r *pb.PauseRequest) (*pb.PauseReply, error) {
	time.Sleep(time.Duration(r.Nanoseconds))
	return &pb.PauseReply{}, nil
}

// host is the host's side.
type host struct {
	child   *child.Child
	pool    echo.Pool[*drpcconn.Conn]
	records *pb.RecordList
}

func start(path, variant string) (echo.Host, error) {
	c, err := child.Start(path, variant, "unix")
	if err != nil {
		return nil, err
	}
	h := &host{child: c, records: &pb.RecordList{}}
	h.pool.Dial = func() (*drpcconn.Conn, error) {
		conn, err := c.Dial()
		if err != nil {
			return nil, err
		}
		return drpcconn.NewWithOptions(conn, drpcconn.Options{Manager: options}), nil
	}
	for _, r := range echo.Records() {
		h.records.Records = append(h.records.Records, &pb.Record{
			Id: r.ID, Key: r.Key, Score: r.Score, A: r.A, B: r.B, C: r.C, At: timestamppb.New(r.At),
		})
	}
	return h, nil
}

// with calls do with a client that no other caller uses.
func with[T any](h *host, do func(pb.DRPCEchoClient) (T, error)) (reply T, err error) {
	c, err := h.pool.Get()
	if err != nil {
		return reply, err
	}
	defer h.pool.Put(c)
	return do(pb.NewDRPCEchoClient(c))
}

func (h *host) Small(key string, n int64) (string, error) {
	reply, err := with(h, func(c pb.DRPCEchoClient) (*pb.SmallReply, error) {
		return c.Small(context.Background(), &pb.SmallRequest{Key: key, N: n})
	})
	return reply.GetText(), err
}

func (h *host) Records() (int, error) {
	reply, err := with(h, func(c pb.DRPCEchoClient) (*pb.RecordList, error) {
		return c.Records(context.Background(), h.records)
	})
	return len(reply.GetRecords()), err
}

func (h *host) Bulk(b []byte) ([]byte, error) {
	reply, err := with(h, func(c pb.DRPCEchoClient) (*pb.Blob, error) {
		return c.Bulk(context.Background(), &pb.Blob{Data: b})
	})
	return reply.GetData(), err
}

func (h *host) Pause(d time.Duration) error {
	_, err := with(h, func(c pb.DRPCEchoClient) (*pb.PauseReply, error) {
		return c.Pause(context.Background(), &pb.PauseRequest{Nanoseconds: int64(d)})
	})
	return err
}

func (h *host) Stop() error {
	h.pool.Close(func(c *drpcconn.Conn) { c.Close() })
	return h.child.Stop()
}
