// Package gobs is what is served and called with net/rpc: bare, and in
// hashicorp/go-plugin.
package gobs

import (
	"net/rpc"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
)

// Echo is served.
type Echo struct{}

// SmallArgs are the arguments of Small.
type SmallArgs struct {
	Key string
	N   int64
}

func (Echo) Small(args SmallArgs, reply *string) error {
	*reply = echo.Reply(args.Key)
	return nil
}

func (Echo) Records(records []echo.Record, reply *[]echo.Record) error {
	*reply = records
	return nil
}

func (Echo) Bulk(b []byte, reply *[]byte) error {
	*reply = b
	return nil
}

func (Echo) Pause(d time.Duration, _ *struct{}) error {
	time.Sleep(d)
	return nil
}

// Client calls an Echo.
type Client struct {
	RPC     *rpc.Client
	service string
	records []echo.Record
}

// NewClient returns a client that calls what is registered as service.
func NewClient(c *rpc.Client, service string) Client {
	return Client{c, service, echo.Records()}
}

func (c Client) Small(key string, n int64) (reply string, err error) {
	err = c.RPC.Call(c.service+".Small", SmallArgs{key, n}, &reply)
	return reply, err
}

func (c Client) Records() (int, error) {
	var reply []echo.Record
	err := c.RPC.Call(c.service+".Records", c.records, &reply)
	return len(reply), err
}

func (c Client) Bulk(b []byte) (reply []byte, err error) {
	err = c.RPC.Call(c.service+".Bulk", b, &reply)
	return reply, err
}

func (c Client) Pause(d time.Duration) error {
	return c.RPC.Call(c.service+".Pause", d, &struct{}{})
}
