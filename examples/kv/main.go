// Kv shows a contract as one meets it: a key-value store with structs, slices,
// maps, times, errors and deadlines, in a plugin that is told its bounds by
// flags.
//
//	go run ./examples/kv
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/pingogen/pingogen/examples/kv/kv"
	pingo "github.com/pingogen/pingogen/runtime"
)

const plugin = "github.com/pingogen/pingogen/examples/kv/cmd/kv-plugin"

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
		bin, err := os.MkdirTemp("", "kv")
		if err != nil {
			return err
		}
		defer os.RemoveAll(bin)
		path = filepath.Join(bin, "kv-plugin")
		cmd := exec.Command("go", "build", "-o", bin, plugin)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return err
		}
	}
	p := pingo.NewPlugin("auto", path, "-max-items=3")
	store := kv.NewStoreClient(p)
	p.Start()
	defer p.Stop()
	return demo(context.Background(), store)
}
