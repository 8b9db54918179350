// Original has the example programs of the original pingo: a plugin that says
// hello and one that never registers, called without any generated code.
//
//	go run ./examples/original
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

const example = "github.com/pingogen/pingogen/examples/original"

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	bin, err := os.MkdirTemp("", "original")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	cmd := exec.Command("go", "build", "-o", bin, example+"/hello", example+"/sleeper")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	for _, proto := range []string{"unix", "tcp", "auto"} {
		if err := sayHello(proto, filepath.Join(bin, "hello")); err != nil {
			return err
		}
		if err := waitInVain(proto, filepath.Join(bin, "sleeper")); err != nil {
			return err
		}
	}
	return nil
}

// sayHello asks the plugin at path which objects it has and calls one.
func sayHello(proto, path string) error {
	p := pingo.NewPlugin(proto, path)
	p.Start()
	defer p.Stop()

	objects, err := p.Objects()
	if err != nil {
		return err
	}
	var msg string
	if err := p.Call("Plugin.SayHello", "Go developer", &msg); err != nil {
		return err
	}
	fmt.Printf("%s: %v says: %s\n", proto, objects, msg)
	return nil
}

// waitInVain starts a program that never registers. The call reports it, and
// so does the error handler.
func waitInVain(proto, path string) error {
	reported := make(reports, 1)
	p := pingo.NewPlugin(proto, path)
	p.SetErrorHandler(reported)
	p.SetTimeout(200 * time.Millisecond)
	p.Start()
	defer p.Stop()

	var late pingo.ErrRegistrationTimeout
	if err := p.Call("Plugin.SayHello", "anybody", new(string)); !errors.As(err, &late) {
		return fmt.Errorf("the sleeper should not register in time, but: %v", err)
	}
	for !errors.As(<-reported, &late) {
		// auto may say first that it had to try another transport
	}
	fmt.Printf("%s: the sleeper did not register in time\n", proto)
	return nil
}

// reports is an ErrorHandler that passes errors on.
type reports chan error

func (r reports) Error(err error) { r <- err }
func (reports) Print(any)         {}
