// Versions shows a contract that has changed: hosts and plugins of the version
// before and of the one after work with each other, in every pair, and nobody
// negotiates anything. It is the negotiated example of hashicorp/go-plugin.
//
//	go run ./examples/versions
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"path/filepath"

	"github.com/pingogen/pingogen/examples/internal/build"
	older "github.com/pingogen/pingogen/examples/versions/v1"
	newer "github.com/pingogen/pingogen/examples/versions/v2"
	pingo "github.com/pingogen/pingogen/runtime"
)

const example = "github.com/pingogen/pingogen/examples/versions"

func main() {
	log.SetFlags(0)
	if err := build.Plugins(run, example+"/cmd/old-plugin", example+"/cmd/current-plugin"); err != nil {
		log.Fatal(err)
	}
}

// run lets a host of each version use a plugin of each version.
func run(bin string) error {
	for _, plugin := range []string{"old-plugin", "current-plugin"} {
		for _, host := range []struct {
			name string
			use  func(context.Context, *pingo.Plugin) error
		}{{"old host", oldHost}, {"current host", currentHost}} {
			fmt.Printf("%s, %s:\n", host.name, plugin)
			p := pingo.NewPlugin("auto", filepath.Join(bin, plugin))
			p.Start()
			err := host.use(context.Background(), p)
			p.Stop()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// oldHost was written for the first version.
func oldHost(ctx context.Context, p *pingo.Plugin) error {
	s := older.NewStoreClient(p)
	if err := s.Put(ctx, older.Item{Key: "a", Text: "text"}); err != nil {
		return err
	}
	item, err := s.Get(ctx, "a")
	fmt.Printf("  get: %+v\n", item)
	return err
}

// currentHost is written for the second version, and puts up with the first.
func currentHost(ctx context.Context, p *pingo.Plugin) error {
	s := newer.NewStoreClient(p)
	if err := s.Put(ctx, newer.Item{Key: "a", Text: "text", Labels: map[string]string{"color": "red"}}); err != nil {
		return err
	}
	item, err := s.Get(ctx, "a")
	if err != nil {
		return err
	}
	fmt.Printf("  get: %+v\n", item)
	lists, err := p.Implements(ctx, "Store.Keys")
	if err != nil {
		return err
	}
	keys, err := s.Keys(ctx, "")
	fmt.Printf("  keys: %v; the plugin has the method: %t\n", keys, lists)
	if errors.Is(err, pingo.ErrUnimplemented) { // which was not sent
		return nil
	}
	return err
}
