// Pingogen is ours: generated code, over the transport that the variant names; socket is auto without shared memory.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pingogen/pingogen/benchmarks/contract"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
	pingo "github.com/pingogen/pingogen/runtime"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

func serve(string) error {
	contract.RegisterEcho(service{})
	contract.RegisterStreams(streams{})
	return pingo.Run()
}

// host is the host's side: a generated client.
type host struct {
	*pingo.Plugin
	echo    *contract.EchoClient
	streams *contract.StreamsClient
	records []echo.Record
}

func start(path, variant string) (echo.Host, error) {
	transport, memory := variant, 0
	if variant == "socket" {
		transport, memory = "auto", -1
	}
	p := pingo.New(pingo.Config{
		Path:         path,
		Args:         []string{"plugin", variant},
		Env:          []string{"GOMAXPROCS=" + os.Getenv("GOMAXPROCS")},
		Transport:    transport,
		SharedMemory: memory,
		StartTimeout: time.Minute, // 200 plugins at once take more than the default
	})
	p.Start()
	return &host{p, contract.NewEchoClient(p), contract.NewStreamsClient(p), echo.Records()}, nil
}

func (h *host) Small(key string, n int64) (string, error) {
	return h.echo.Small(context.Background(), key, n)
}

func (h *host) Records() (int, error) {
	got, err := h.echo.Records(context.Background(), h.records)
	return len(got), err
}

func (h *host) Bulk(b []byte) ([]byte, error) { return h.echo.Bulk(context.Background(), b) }

func (h *host) Pause(d time.Duration) error { return h.echo.Pause(context.Background(), d) }

func (h *host) Stop() error {
	if err := h.Shutdown(context.Background()); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// service is the plugin's side.
type service struct{}

func (service) Small(_ context.Context, key string, _ int64) (string, error) {
	return echo.Reply(key), nil
}

func (service) Records(_ context.Context, records []echo.Record) ([]echo.Record, error) {
	return records, nil
}

func (service) Bulk(_ context.Context, b []byte) ([]byte, error) { return b, nil }

func (service) Pause(_ context.Context, d time.Duration) error {
	time.Sleep(d)
	return nil
}
