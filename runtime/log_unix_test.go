//go:build unix

package pingo_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is logged last is what matters most.
func TestRecordBeforeAnExitArrives(t *testing.T) {
	arrived := 0
	for range 10 {
		p, a, _ := logging(t)
		require.Error(t, p.Call("Scribe.Die", "the last words", nil))
		wait(t, "the end", p.Done())
		arrived += len(a.read())
	}
	require.Equal(t, 10, arrived)
}
