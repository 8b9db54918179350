package pingo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

func TestLimitThatAllowsNoStart(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits.Memory = 40 << 20
	err := start(t, cfg).Call("Lab.Echo", "x", nil)
	var why *pingo.StartError
	require.ErrorAs(t, err, &why)
	require.Contains(t, why.Problem, "a limit ended it before it was ready: ")
	require.Contains(t, why.Remedy, "raise the limit")
	require.ErrorAs(t, err, new(*pingo.LimitError))
	require.ErrorContains(t, err, "; the last it wrote to stderr:\n\t")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
}

// With too little memory, a program may end before it can say so.
func TestLimitThatAllowsNoLastWords(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.Limits.Memory = 8 << 20
	var why *pingo.StartError
	require.ErrorAs(t, start(t, cfg).Call("Lab.Echo", "x", nil), &why)
	require.Contains(t, why.Remedy, "raise")
}
