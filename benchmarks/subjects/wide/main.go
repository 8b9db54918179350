// Wide is ours with an interface that has as many methods as the variant says;
// the last of them is called.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pingogen/pingogen/benchmarks/contract/wide"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
	pingo "github.com/pingogen/pingogen/runtime"
)

func main() {
	subject.Main(subject.Subject{Start: start, Serve: serve})
}

func serve(variant string) error {
	switch variant {
	case "1":
		wide.RegisterWide1(wide.Echo{})
	case "10":
		wide.RegisterWide10(wide.Echo{})
	case "50":
		wide.RegisterWide50(wide.Echo{})
	case "200":
		wide.RegisterWide200(wide.Echo{})
	}
	return pingo.Run()
}

type method func(ctx context.Context, key string, n int64) (string, error)

func last(p *pingo.Plugin, variant string) (method, error) {
	switch variant {
	case "1":
		return wide.NewWide1Client(p).M001, nil
	case "10":
		return wide.NewWide10Client(p).M010, nil
	case "50":
		return wide.NewWide50Client(p).M050, nil
	case "200":
		return wide.NewWide200Client(p).M200, nil
	}
	return nil, fmt.Errorf("there is no interface with %s methods", variant)
}

type host struct {
	*pingo.Plugin
	method method
}

func start(path, variant string) (echo.Host, error) {
	p := pingo.New(pingo.Config{
		Path:         path,
		Args:         []string{"plugin", variant},
		Env:          []string{"GOMAXPROCS=" + os.Getenv("GOMAXPROCS")},
		StartTimeout: time.Minute,
	})
	m, err := last(p, variant)
	if err != nil {
		return nil, err
	}
	p.Start()
	return &host{p, m}, nil
}

func (h *host) Small(key string, n int64) (string, error) {
	return h.method(context.Background(), key, n)
}

func (h *host) Stop() error { return h.Shutdown(context.Background()) }

func (*host) Records() (int, error)       { return 0, errors.ErrUnsupported }
func (*host) Bulk([]byte) ([]byte, error) { return nil, errors.ErrUnsupported }
func (*host) Pause(time.Duration) error   { return errors.ErrUnsupported }
