package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMeter(t *testing.T) {
	floods := 0
	m := meter{rate: 1000, flood: func() { floods++ }}
	now := time.Unix(1, 0)
	require.Zero(t, m.take(1000, now), "a second's worth at once")
	require.Zero(t, floods)
	require.Equal(t, time.Second/2, m.take(500, now))
	require.Equal(t, time.Second, m.take(500, now))
	require.Equal(t, 1, floods, "told once")
	now = now.Add(time.Second)
	require.Equal(t, time.Second/2, m.take(500, now))
	now = now.Add(time.Hour)
	require.Zero(t, m.take(1000, now))
	require.Equal(t, 1, floods)
	require.Equal(t, time.Second, m.take(1000, now), "what was not used for an hour is not saved up")
	require.Equal(t, 2, floods, "another flood")

	var none meter
	require.Zero(t, none.take(1<<40, now))
}
