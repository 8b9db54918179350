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

	require.Equal(t, []Pair{{"a", "1"}}, From(base))
	require.Equal(t, []Pair{{"a", "1"}, {"b", "2"}}, From(left))
	require.Equal(t, []Pair{{"a", "1"}, {"a", "3"}}, From(right))
}

func TestIncomingIsNotPassedOn(t *testing.T) {
	ctx := context.WithValue(t.Context(), Key{}, []Pair{{"a", "1"}})
	require.Equal(t, []Pair{{"a", "1"}}, Incoming(ctx))
	require.Empty(t, From(ctx))
}

func TestNothing(t *testing.T) {
	ctx := context.Background()
	require.Nil(t, From(ctx))
	require.Nil(t, Incoming(ctx))
}
