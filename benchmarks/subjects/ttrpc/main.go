// Ttrpc is containerd/ttrpc over a unix socket.
package main

import (
	"context"
	"net"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
	"github.com/pingogen/pingogen/benchmarks/subjects/ttrpc/pb"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

func serve(string) error {
	server, err := ttrpc.NewServer()
	if err != nil {
		return err
	}
	pb.RegisterEchoService(server, service{})
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
	client  *ttrpc.Client
	echo    pb.EchoService
	records *pb.RecordList
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
	h := &host{child: c, client: ttrpc.NewClient(conn), records: &pb.RecordList{}}
	h.echo = pb.NewEchoClient(h.client)
	for _, r := range echo.Records() {
		h.records.Records = append(h.records.Records, &pb.Record{
			Id: r.ID, Key: r.Key, Score: r.Score, A: r.A, B: r.B, C: r.C, At: timestamppb.New(r.At),
		})
	}
	return h, nil
}

func (h *host) Small(key string, n int64) (string, error) {
	reply, err := h.echo.Small(context.Background(), &pb.SmallRequest{Key: key, N: n})
	return reply.GetText(), err
}

func (h *host) Records() (int, error) {
	reply, err := h.echo.Records(context.Background(), h.records)
	return len(reply.GetRecords()), err
}

func (h *host) Pause(d time.Duration) error {
	_, err := h.echo.Pause(context.Background(), &pb.PauseRequest{Nanoseconds: int64(d)})
	return err
}

func (h *host) Stop() error {
	h.client.Close()
	return h.child.Stop()
}

// part is what fits into a message of ttrpc, which has 4 MiB at most.
const part = 4<<20 - 1<<10

// Bulk sends what does not fit into one message in several, one after the other.
func (h *host) Bulk(b []byte) ([]byte, error) {
	if len(b) <= part {
		return h.bulk(b)
	}
	all := make([]byte, 0, len(b))
	for len(b) > 0 {
		n := min(len(b), part)
		got, err := h.bulk(b[:n])
		if err != nil {
			return nil, err
		}
		all, b = append(all, got...), b[n:]
	}
	return all, nil
}

func (h *host) bulk(b []byte) ([]byte, error) {
	reply, err := h.echo.Bulk(context.Background(), &pb.Blob{Data: b})
	return reply.GetData(), err
}
