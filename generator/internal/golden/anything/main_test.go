package anything

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
const asPlugin = "serve-anything"

// Types that only one side registers, and one that each side knows as another.
type (
	hostOnly   struct{ A int }
	pluginOnly struct{ A int }
)

func registerInHost() {
	type different struct{ A int }
	pingo.RegisterType[different]()
	pingo.RegisterType[hostOnly]()
	makeDifferent = func() any { return different{1} }
}

func registerInPlugin() {
	type different struct{ A string }
	pingo.RegisterType[different]()
	pingo.RegisterType[pluginOnly]()
	makeDifferent = func() any { return different{"a"} }
}

var makeDifferent func() any

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asPlugin {
		go collect()
		registerInPlugin()
		l := &logs{}
		RegisterAnything(anything{})
		RegisterLogs(l)
		RegisterHandler(l.handler())
		fmt.Fprintln(os.Stderr, pingo.Run())
		os.Exit(1)
	}
	registerInHost()
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
	before := runtime.NumGoroutine()
	p := pingo.NewPlugin("auto", program, asPlugin)
	p.SetTimeout(time.Minute) // a busy machine takes its time
	p.Start()
	t.Cleanup(func() {
		eventually(t, func() bool {
			exported, imported := p.References()
			return exported+imported == 0
		})
		p.Stop()
		eventually(t, func() bool { return runtime.NumGoroutine() <= before })
	})
	return p
}

// eventually waits for what the collector brings about.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); runtime.Gosched() {
		runtime.GC()
		require.True(t, time.Now().Before(deadline), "something is left over")
	}
}
