package executable

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestList(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b-plugin.exe", "a-plugin.exe", "other.exe"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a-plugin.txt"), nil, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "c-plugin.exe"), 0o700))
	names, err := List(dir, "*-plugin*")
	require.NoError(t, err)
	require.Equal(t, []string{"a-plugin.exe", "b-plugin.exe"}, names)

	names, err = List(t.TempDir(), "*")
	require.NoError(t, err)
	require.Empty(t, names)
	_, err = List(dir, "[")
	require.ErrorIs(t, err, filepath.ErrBadPattern)
	_, err = List(filepath.Join(dir, "none"), "*")
	require.ErrorIs(t, err, os.ErrNotExist)
}
