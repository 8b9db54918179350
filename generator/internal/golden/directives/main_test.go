package directives

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// asPlugin is the argument with which this test's binary is the plugin.
const asPlugin = "serve-directives"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asPlugin {
		RegisterListing(listing{})
		RegisterEntries(entries{})
		RegisterTrees(trees{})
		RegisterRows(rows{})
		RegisterFillers(fillers{})
		RegisterZeroFillers(zeroFillers{})
		RegisterPairs(carries{})
		RegisterCalls(calls{})
		RegisterCounter(counter{})
		registerPlain()
		fmt.Fprintln(os.Stderr, pingo.Run())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// start returns a plugin that serves what TestMain registers.
func start(t *testing.T) *pingo.Plugin {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	p := pingo.NewPlugin("auto", program, asPlugin)
	p.SetTimeout(time.Minute) // a busy machine takes its time
	p.Start()
	t.Cleanup(p.Stop)
	return p
}
