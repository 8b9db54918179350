package pingo_test

import (
	"context"
	"fmt"
	"log"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// The host starts a plugin and calls it through the client that pingogen wrote
// for the interface; greeterClient stands for it here.
func Example_host() {
	p := pingo.NewPlugin("auto", "plugins/hello")
	p.Start()
	defer p.Stop()

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	msg, err := newGreeterClient(p).SayHello(ctx, "Go developer")
	if err != nil {
		log.Print(err, "; the call was ", pingo.FateOf(err))
		return
	}
	fmt.Println(msg)
}

// The plugin registers an implementation with the function that pingogen wrote
// for the interface, and runs.
func Example_plugin() {
	registerGreeter(greeter{}) // your implementation
	log.Fatal(pingo.Run())
}

// A plugin that has something to save uses Serve instead of Run.
func ExampleServe() {
	registerGreeter(greeter{})
	if err := pingo.Serve(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("saving")
}

// Everything that can be set has a good default.
func ExampleNew() {
	p := pingo.New(pingo.Config{
		Path:         "plugins/hello",
		Args:         []string{"-v"},
		Env:          []string{"HELLO_LANGUAGE=de"},
		StartTimeout: 10 * time.Second,
	})
	p.Start()
	defer p.Stop()
	if err := p.Ready(context.Background()); err != nil {
		log.Print(err)
	}
}

// An object in the style of net/rpc needs no generator.
func ExamplePlugin_Call() {
	p := pingo.NewPlugin("tcp", "plugins/hello-world")
	p.Start()
	defer p.Stop()
	var resp string
	if err := p.Call("MyPlugin.SayHello", "Go developer", &resp); err != nil {
		log.Print(err)
	}
	fmt.Println(resp)
}
