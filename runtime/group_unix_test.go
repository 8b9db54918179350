//go:build unix

package pingo_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file that cannot even be looked at is one that does not start.
func TestGroupWithALinkThatLeadsInCircles(t *testing.T) {
	path := executables(t, "one")
	dir := filepath.Dir(path("one"))
	require.NoError(t, os.Symlink("loop.exe", filepath.Join(dir, "loop.exe")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "nowhere.exe")))
	g := grouped(t, dir, "*.exe", nil)
	require.Equal(t, []string{"loop.exe", "one.exe"}, names(g.Plugins()))
	g.Start()
	serving, err := g.Serving(t.Context(), "Greeter")
	require.ErrorContains(t, err, "loop.exe")
	require.Equal(t, []string{"one.exe"}, names(serving))
	within(t, "Stop", g.Stop)
}
