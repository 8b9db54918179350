package pingo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStartError(t *testing.T) {
	limit := &LimitError{Limit: "Limits.Memory", Value: 1 << 20}
	err := (&Config{}).whyNoStart("plugin", &CrashError{ExitCode: 2, Stderr: []string{"out of memory"}, Err: limit})
	require.EqualError(t, err, "the plugin did not start: a limit ended it before it was ready: "+limit.Error()+
		"; raise the limit, or see what the plugin needs that much for when it starts; the last it wrote to stderr:\n\tout of memory")
	require.ErrorIs(t, err, limit)

	cfg := &Config{Limits: Limits{OpenFiles: 4}}
	loader := &CrashError{ExitCode: 127, Stderr: []string{"bin/plugin: error while loading shared libraries: libc.so.6: cannot open shared object file: Error 24"}}
	require.ErrorContains(t, cfg.whyNoStart("plugin", loader), "; raise Config.Limits.OpenFiles, which is too little to start with; else see what it wrote")
	require.NotContains(t, (&Config{}).whyNoStart("plugin", loader).Error(), "OpenFiles")

	require.Equal(t, ErrStopped, (&Config{}).whyNoStart("plugin", ErrStopped), "says enough")
}
