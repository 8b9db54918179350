//go:build unix

package descriptors

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// asPlugin is the argument with which this test's binary is the plugin.
const asPlugin = "serve-descriptors"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asPlugin {
		RegisterFiles(&files{})
		RegisterSockets(sockets{})
		fmt.Fprintln(os.Stderr, pingo.Run())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// each runs a test over each kind of connection that passes descriptors. When it is
// over, both sides have as many open as before: what nobody closes, the collector
// would, but nothing here is left to it.
func each(t *testing.T, test func(t *testing.T, p *pingo.Plugin)) {
	for _, proto := range []string{"auto", "unix"} {
		t.Run(proto, func(t *testing.T) {
			p := start(t, proto)
			host, err := open()
			require.NoError(t, err)
			plugin, err := NewFilesClient(p).Open()
			require.NoError(t, err)
			test(t, p)
			requireOpen(t, plugin, NewFilesClient(p).Open)
			requireOpen(t, host, open)
		})
	}
}

func start(t *testing.T, proto string) *pingo.Plugin {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	p := pingo.NewPlugin(proto, program, asPlugin)
	p.SetTimeout(time.Minute) // a busy machine takes its time
	p.Start()
	t.Cleanup(p.Stop)
	require.NoError(t, p.Ready(t.Context()))
	return p
}

// requireOpen waits until no more descriptors are open than before, when some of the
// plugin's start may have been: the other side closes what is on the way when it comes.
func requireOpen(t *testing.T, want int, count func() (int, error)) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		got, err := count()
		require.NoError(t, err)
		if got <= want {
			return
		}
		require.True(t, time.Now().Before(deadline), "%d descriptors are open, but %d were before", got, want)
	}
}
