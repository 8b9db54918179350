// Callbacks shows what stays where it is: the host passes a log, texts to read,
// callbacks and a writer to a plugin, and gets handles and sequences back.
//
//	go run ./examples/callbacks
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/pingogen/pingogen/examples/callbacks/words"
	pingo "github.com/pingogen/pingogen/runtime"
)

const plugin = "github.com/pingogen/pingogen/examples/callbacks/cmd/words-plugin"

func main() {
	log.SetFlags(0)
	path := flag.String("plugin", "", "call the plugin at this `path` instead of building one")
	flag.Parse()
	if err := run(*path); err != nil {
		log.Fatal(err)
	}
}

func run(path string) error {
	if path == "" {
		bin, err := os.MkdirTemp("", "callbacks")
		if err != nil {
			return err
		}
		defer os.RemoveAll(bin)
		path = filepath.Join(bin, "words-plugin")
		cmd := exec.Command("go", "build", "-o", bin, plugin)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return err
		}
	}
	p := pingo.NewPlugin("auto", path)
	c := words.NewCounterClient(p)
	p.Start()
	defer p.Stop()
	return demo(context.Background(), c)
}
