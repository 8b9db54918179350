// Package client is what is served and called with gRPC: bare, and in
// hashicorp/go-plugin.
package client

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/subjects/grpc/pb"
)

// MaxMessage is how large a message may be: those of W4 are larger than gRPC
// allows unless it is told to.
const MaxMessage = 64 << 20

// Service is served.
type Service struct{ pb.UnimplementedEchoServer }

func (Service) Small(_ context.Context, r *pb.SmallRequest) (*pb.SmallReply, error) {
	return &pb.SmallReply{Text: echo.Reply(r.Key)}, nil
}

func (Service) Records(_ context.Context, r *pb.RecordList) (*pb.RecordList, error) {
	return r, nil
}

func (Service) Bulk(_ context.Context, b *pb.Blob) (*pb.Blob, error) { return b, nil }

func (Service) Pause(_ context.Context, r *pb.PauseRequest) (*pb.PauseReply, error) {
	time.Sleep(time.Duration(r.Nanoseconds))
	return &pb.PauseReply{}, nil
}

// Client calls a Service.
type Client struct {
	echo    pb.EchoClient
	records *pb.RecordList
}

// New returns a client that calls through c.
func New(c grpc.ClientConnInterface) *Client {
	list := &pb.RecordList{}
	for _, r := range echo.Records() {
		list.Records = append(list.Records, &pb.Record{
			Id: r.ID, Key: r.Key, Score: r.Score, A: r.A, B: r.B, C: r.C, At: timestamppb.New(r.At),
		})
	}
	return &Client{pb.NewEchoClient(c), list}
}

func (c *Client) Small(key string, n int64) (string, error) {
	reply, err := c.echo.Small(context.Background(), &pb.SmallRequest{Key: key, N: n})
	return reply.GetText(), err
}

func (c *Client) Records() (int, error) {
	reply, err := c.echo.Records(context.Background(), c.records)
	return len(reply.GetRecords()), err
}

func (c *Client) Bulk(b []byte) ([]byte, error) {
	reply, err := c.echo.Bulk(context.Background(), &pb.Blob{Data: b})
	return reply.GetData(), err
}

func (c *Client) Pause(d time.Duration) error {
	_, err := c.echo.Pause(context.Background(), &pb.PauseRequest{Nanoseconds: int64(d)})
	return err
}
