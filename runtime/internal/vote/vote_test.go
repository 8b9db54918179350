package vote

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVote(t *testing.T) {
	oppose := func(v *Vote) { v.Oppose() }
	yes, no := func(v *Vote) { v.Cast(true) }, func(v *Vote) { v.Cast(false) }
	for name, test := range map[string]struct {
		votes         []func(*Vote)
		over, carried bool
	}{
		"all are for it":           {[]func(*Vote){yes, yes, yes}, true, true},
		"one is missing":           {[]func(*Vote){yes, yes}, false, true},
		"one is against it":        {[]func(*Vote){yes, no}, true, false},
		"the last is against it":   {[]func(*Vote){yes, yes, no}, true, false},
		"two are against it":       {[]func(*Vote){no, yes, no}, true, false},
		"one cannot after all":     {[]func(*Vote){yes, yes, oppose, yes}, true, false},
		"one cannot, as others":    {[]func(*Vote){yes, no, oppose, yes}, true, false},
		"one cannot, but too late": {[]func(*Vote){yes, yes, yes, oppose}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			v := New(3)
			for _, cast := range test.votes {
				cast(v)
			}
			select {
			case <-v.Over():
				require.True(t, test.over)
			default:
				require.False(t, test.over)
			}
			require.Equal(t, test.carried, v.Carried())
		})
	}
}
