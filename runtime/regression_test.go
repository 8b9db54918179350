package pingo_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Defects of the original pingo and of its peers, each with a real plugin.

func TestGrandchildHoldingOutputDoesNotHoldStop(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		program(t, "block")
		cfg, _ := setup(t, "lab")
		cfg.Transport = transport
		p := start(t, cfg)
		var pid int
		require.NoError(t, p.Call("Lab.Spawn", 0, &pid))
		within(t, "Stop", p.Stop)
		require.NoError(t, p.Err())
	})
}
