package metadata

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPairsAccumulateWithoutSharing(t *testing.T) {
	base := With(t.Context(), Pair{"a", "1"})
	left := With(base, Pair{"b", "2"})
	right := With(base, Pair{"a", "3"})

	require.Equal(t, []Pair{{"a", "1"}}, Outgoing(base))
	require.Equal(t, []Pair{{"a", "1"}, {"b", "2"}}, Outgoing(left))
	require.Equal(t, []Pair{{"a", "1"}, {"a", "3"}}, Outgoing(right))
}

func TestIncomingIsNotPassedOn(t *testing.T) {
	ctx := Receive(t.Context(), []Pair{{"a", "1"}})
	require.Equal(t, []Pair{{"a", "1"}}, Incoming(ctx))
	require.Empty(t, Outgoing(ctx))
}

func TestNothing(t *testing.T) {
	ctx := context.Background()
	require.Nil(t, Outgoing(ctx))
	require.Nil(t, Incoming(ctx))
	require.Equal(t, ctx, Receive(ctx, nil), "an empty list costs nothing")
}
