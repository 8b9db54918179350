package suites

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// What this test's binary is with one of these as its first argument.
const (
	asPlugin = "serve-suites" // and the name of the files to serve
	asHost   = "copy-suites"  // and how many bytes to copy
)

func TestMain(m *testing.M) {
	if len(os.Args) < 3 {
		os.Exit(m.Run())
	}
	var err error
	switch os.Args[1] {
	case asPlugin:
		err = serve(os.Args[2])
	case asHost:
		err = copyThroughPlugin(os.Args[2])
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(files string) error {
	if files != noCollector {
		go collect()
	}
	fsys, err := library{}.FS(context.Background(), files)
	if err != nil {
		return err
	}
	if fsys != nil {
		RegisterFiles(fsys)
	}
	RegisterLibrary(library{})
	RegisterReaders(readers{})
	RegisterInside(inside{})
	return pingo.Run()
}

// collect has proxies found soon that nobody holds any more.
func collect() {
	for range time.Tick(10 * time.Millisecond) {
		runtime.GC()
	}
}

// inside is an Inside.
type inside struct{}

func (inside) Calls(context.Context) (map[string]int, error) { return calls.all(), nil }
func (inside) Usage(context.Context) (Usage, error)          { return usage(), nil }

// start returns a plugin that serves files, and wants nothing to be left on
// either side when the test is over.
func start(t *testing.T, files string) *pingo.Plugin {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	p := pingo.NewPlugin("auto", program, asPlugin, files)
	p.SetTimeout(time.Minute) // a busy machine takes its time
	p.Start()
	t.Cleanup(p.Stop)
	in := NewInsideClient(p)
	there, err := in.Usage(t.Context())
	require.NoError(t, err)
	here := usage()
	t.Cleanup(func() {
		wait(t, "references", func() string {
			runtime.GC()
			exported, imported := p.References()
			return more(exported+imported, 0, 0, 0)
		})
		wait(t, "in use", func() string {
			now, err := in.Usage(context.Background()) // when nobody calls, the connection has a reader of its own
			require.NoError(t, err)
			own := usage()
			// One more may be a reader beside a handler that is slow now, as Usage is on a busy machine.
			return more(own.Goroutines+now.Goroutines, here.Goroutines+there.Goroutines+1, own.Descriptors+now.Descriptors, here.Descriptors+there.Descriptors)
		})
	})
	return p
}

// wait waits until nothing is left.
func wait(t *testing.T, where string, left func() string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		text := left()
		if text == "" {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			require.Empty(t, text, "%s; the host's goroutines:\n%s", where, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// more tells what is more than it was.
func more(goroutines, before, descriptors, open int) string {
	if goroutines <= before && descriptors <= open {
		return ""
	}
	return fmt.Sprintf("%d were %d, descriptors %d were %d", goroutines, before, descriptors, open)
}
