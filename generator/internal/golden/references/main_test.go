package references

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// asPlugin is the argument with which this test's binary is the plugin.
const asPlugin = "serve-references"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asHost {
		loseHost(os.Args[2:])
	}
	if len(os.Args) > 1 && os.Args[1] == asPlugin {
		go collect()
		RegisterTree(&tree{name: "plugin"})
		RegisterFiles(files{})
		RegisterSource(&source{})
		RegisterFS(tests{})
		RegisterStreams(streams{})
		RegisterRanges(ranges{})
		RegisterPanicking(panicking{})
		RegisterZeroing(zeroing{})
		RegisterHolding(holding{})
		RegisterLost(lost{os.Args[2:]})
		fmt.Fprintln(os.Stderr, pingo.Run())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// collect has proxies found soon that nobody holds any more.
func collect() {
	for range time.Tick(10 * time.Millisecond) {
		runtime.GC()
	}
}

// start returns a plugin that serves what TestMain registers, and wants nothing
// to be kept by either side when the test is over.
func start(t *testing.T) *pingo.Plugin {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	p := pingo.NewPlugin("auto", program, asPlugin)
	p.SetTimeout(time.Minute) // a busy machine takes its time
	p.Start()
	t.Cleanup(func() {
		requireNoReferences(t, p)
		p.Stop()
	})
	return p
}

// requireNoReferences waits until the collector has found all proxies.
func requireNoReferences(t *testing.T, p *pingo.Plugin) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		runtime.GC()
		exported, imported := p.References()
		if exported+imported == 0 {
			return
		}
		require.True(t, time.Now().Before(deadline), "the host keeps %d references, and the plugin %d", exported, imported)
	}
}
