//go:build (amd64 || arm64 || riscv64 || loong64) && !pingo_netpoll

package transport

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// given tells whether a stream has given the processor away, which was in vain or took long.
func given(s Stream) bool {
	var g *giver
	switch s := s.(type) {
	case *blocking:
		g = &s.giver
	case *memory:
		g = &s.giver
	default:
		return false
	}
	return *g != giver{}
}

func TestReadGivesTheProcessorAway(t *testing.T) {
	for name, ends := range connected(t) {
		t.Run(name, func(t *testing.T) {
			a, b := FromConn(ends[0]), FromConn(ends[1])
			defer a.Close()
			defer b.Close()
			_, err := a.ReadHint(make([]byte, 1), Brief|Alone)
			require.ErrorIs(t, err, ErrNothing)
			require.False(t, given(a), "without a peer on it")
			_, err = a.ReadHint(make([]byte, 1), Brief|Alone|Near)
			require.ErrorIs(t, err, ErrNothing)
			require.Equal(t, name != "pipe", given(a))
		})
	}
}
