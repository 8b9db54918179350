//go:build unix

package pingo_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is logged last is what matters most.
func TestRecordBeforeAnExitArrives(t *testing.T) {
	for range 10 {
		p, a, _ := logging(t)
		require.Error(t, p.Call("Scribe.Die", "the last words", nil))
		wait(t, "the end", p.Done())
		require.Len(t, a.read(), 1)
	}
}
