//go:build unix

package pingo_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Nobody waits for who writes to a pipe where a file should be.
func TestPipeInTheFilesPlaceIsRefused(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o700))
	for want, change := range map[string]func(*pingo.Config){
		"Config.LockFile: open " + pipe + ": not a regular file": func(cfg *pingo.Config) { cfg.LockFile = pipe },
		"it is no regular file":                                  func(cfg *pingo.Config) { cfg.Path = pipe },
		"only these have a checksum":                             func(cfg *pingo.Config) { cfg.Path, cfg.SHA256 = pipe, sumOfNothing },
	} {
		check := nothingRemains(t)
		cfg, _ := setup(t, "lab")
		change(&cfg)
		p := start(t, cfg)
		within(t, "a call", func() { require.ErrorContains(t, p.Call("Lab.Echo", "x", nil), want) })
		within(t, "Stop", p.Stop)
		check()
	}
}

const sumOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
