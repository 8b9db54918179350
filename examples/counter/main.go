// Counter shows calls in both directions: each Put in the plugin calls back an
// AddHelper in the host. It is the bidirectional example of hashicorp/go-plugin.
//
//	go run ./examples/counter
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"path/filepath"

	"github.com/pingogen/pingogen/examples/counter/counter"
	"github.com/pingogen/pingogen/examples/internal/build"
	pingo "github.com/pingogen/pingogen/runtime"
)

func main() {
	log.SetFlags(0)
	if err := build.Plugins(run, "github.com/pingogen/pingogen/examples/counter/cmd/counter-plugin"); err != nil {
		log.Fatal(err)
	}
}

func run(bin string) error {
	p := pingo.NewPlugin("auto", filepath.Join(bin, "counter-plugin"))
	c := counter.NewCounterClient(p)
	p.Start()
	defer p.Stop()
	return demo(context.Background(), c)
}

func demo(ctx context.Context, c counter.Counter) error {
	for _, value := range []int64{3, 4, math.MaxInt64} {
		if err := c.Put(ctx, "hello", value, adder{}); err != nil {
			fmt.Printf("put %d: %v; the helper's own error: %t\n", value, err, errors.Is(err, errors.ErrUnsupported))
			continue
		}
		sum, err := c.Get(ctx, "hello")
		if err != nil {
			return err
		}
		fmt.Printf("put %d: the sum is %d\n", value, sum)
	}
	return nil
}

// adder is a counter.AddHelper.
type adder struct{}

func (adder) Sum(_ context.Context, a, b int64) (int64, error) {
	fmt.Printf("host: %d + %d\n", a, b)
	if a > math.MaxInt64-b {
		return 0, fmt.Errorf("the sum is too large: %w", errors.ErrUnsupported)
	}
	return a + b, nil
}
