package pingo_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// variant is a plugin that is what its executable's name says.
var _ = helper("variant", func() {
	name, _, _ := strings.Cut(filepath.Base(os.Args[0]), ".")
	serve := func(c *codec.Contract) *codec.Service {
		handlers := make([]codec.Handler, len(c.Methods))
		for i := range handlers {
			handlers[i] = adapt(func(context.Context, string) (string, error) { return name, nil })
		}
		return &codec.Service{Contract: c, Handlers: handlers}
	}
	switch name {
	case "differs":
		pingo.Register(serve(&changed))
	case "exits":
		os.Exit(7)
	case "silent":
		time.Sleep(time.Hour)
	case "ill":
		pingo.Register(serve(&greeterContract).WithHealth(unwell{}))
	case "numb":
		pingo.Register(serve(&greeterContract).WithHealth(numb{}))
	case "well":
		pingo.Register(serve(&greeterContract).WithHealth(well{}))
	case "fleeting":
		pingo.Register(serve(&greeterContract).WithHealth(fleeting{}))
	case "stranger": // does not greet
	default:
		pingo.Register(serve(&greeterContract))
	}
	pingo.Register(new(Lab))
	fail(pingo.Run())
})

type unwell struct{}

func (unwell) Health(context.Context) error { return fmt.Errorf("it hurts") }

// numb is asked, and does not answer.
type numb struct{}

func (numb) Health(context.Context) error {
	fmt.Println("asked")
	select {}
}

// well says so, and that it was asked.
type well struct{}

func (well) Health(context.Context) error { fmt.Println("asked"); return nil }

// fleeting ends when it is asked.
type fleeting struct{}

func (fleeting) Health(context.Context) error { os.Exit(7); return nil }

// executables returns where this test's binary is under other names.
func executables(t *testing.T, names ...string) func(name string) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	for _, name := range names {
		// Windows keeps every name of a file that runs, as this test does.
		if runtime.GOOS != "windows" && os.Link(self, filepath.Join(dir, name+".exe")) == nil {
			continue
		}
		binary, err := os.ReadFile(self)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".exe"), binary, 0o700))
	}
	return func(name string) string { return filepath.Join(dir, name+".exe") }
}

// callVariants has n callers call a plugin that is swapped for the variants one and two. End waits for them, and returns how
// many calls they have made.
func callVariants(t *testing.T, g *greeterClient, n int) (end func() int64) {
	var calls sync.WaitGroup
	var made atomic.Int64
	over := make(chan struct{})
	for range n {
		calls.Go(func() {
			for !t.Failed() {
				select {
				case <-over:
					return
				default:
				}
				msg, err := g.SayHello(t.Context(), "x")
				if err != nil || msg != "one" && msg != "two" {
					t.Error(msg, err)
					return
				}
				made.Add(1)
			}
		})
	}
	return func() int64 {
		close(over)
		within(t, "the callers", calls.Wait)
		return made.Load()
	}
}
