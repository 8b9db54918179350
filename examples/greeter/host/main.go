// Host calls a Greeter plugin.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/pingogen/pingogen/examples/greeter/greeter"
	pingo "github.com/pingogen/pingogen/runtime"
)

func main() {
	transport := flag.String("transport", "auto", "auto, unix or tcp")
	flag.Parse()
	if err := greet(*transport, flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

// greet starts the plugin at path, calls it, and stops it.
func greet(transport, path string) error {
	p := pingo.NewPlugin(transport, path)
	g := greeter.NewGreeterClient(p)
	p.Start()
	defer p.Stop()

	msg, err := g.SayHello(context.Background(), "Go developer")
	if err != nil {
		return err
	}
	fmt.Println(msg)
	return nil
}
