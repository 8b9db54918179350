package pingo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// With too little memory, a program may end before it can say so.
func TestLimitThatAllowsNoStart(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits.Memory = 8 << 20
	err := start(t, cfg).Call("Lab.Echo", "x", nil)
	var why *pingo.StartError
	require.ErrorAs(t, err, &why)
	require.Contains(t, why.Remedy, "raise ")
	require.ErrorAs(t, err, new(*pingo.CrashError))
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
}

// With too few descriptors, the loader, Go's runtime or the plugin's side of the connection
// says so.
func TestOpenFilesThatAllowNoStart(t *testing.T) {
	for _, n := range []int{4, 6} {
		cfg, _ := setup(t, "lab")
		cfg.Limits.OpenFiles = n
		err := start(t, cfg).Call("Lab.Echo", "x", nil)
		var why *pingo.StartError
		require.ErrorAs(t, err, &why, "%d descriptors", n)
		require.Contains(t, why.Remedy, "raise Config.Limits.OpenFiles, ", "%d descriptors: %v", n, err)
	}
}
