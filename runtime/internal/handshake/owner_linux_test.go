package handshake

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/process"
)

// Where the plugin is another user, that one can neither enter what is the host's nor put
// something else in the place of its own.
func TestDirectoryOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	o, err := NewOffer("unix", shortDir(t), &process.Identity{User: 65533, Group: 65534})
	require.NoError(t, err)
	inner := filepath.Dir(o.offer.address)
	requireDir(t, inner, 65533, 0o700)
	requireDir(t, filepath.Dir(inner), 0, 0o711)
	require.NoError(t, os.WriteFile(filepath.Join(inner, "left"), nil, 0o600))
	o.Close()
	require.NoDirExists(t, filepath.Dir(inner))
}

func TestDirectoryIsPrivate(t *testing.T) {
	o, err := NewOffer("unix", shortDir(t), nil)
	require.NoError(t, err)
	defer o.Close()
	requireDir(t, filepath.Dir(o.offer.address), uint32(os.Geteuid()), 0o700)
}

func requireDir(t *testing.T, path string, owner uint32, mode os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, owner, info.Sys().(*syscall.Stat_t).Uid)
	require.Equal(t, mode, info.Mode().Perm())
}
