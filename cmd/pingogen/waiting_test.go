package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pingogen/pingogen/examples/kv/kv"
	pingo "github.com/pingogen/pingogen/runtime"
)

const (
	waits      = "it waits"    // what the waiting plugin writes
	waitBefore = "wait-before" // an argument: wait before the plugin is ready
)

// waitingPlugin is a plugin that waits, and says so first.
func waitingPlugin() {
	if len(os.Args) > 1 && os.Args[1] == waitBefore {
		fmt.Fprintln(os.Stderr, waits)
		select {}
	}
	kv.RegisterStore(waitingStore{})
	fmt.Fprintln(os.Stderr, pingo.Run())
	os.Exit(1)
}

type waitingStore struct{ kv.Store }

// Wait does not end with its context, so that it is the host who gives up.
func (waitingStore) Wait(context.Context, string, kv.Revision) (kv.Item, error) {
	fmt.Fprintln(os.Stderr, waits)
	select {}
}
