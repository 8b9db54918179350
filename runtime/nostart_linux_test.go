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
