//go:build unix

package tool_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/tool"
)

// Who may run a program need not be able to read it: then it is asked.
func TestUnreadableBinary(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	whole, err := os.ReadFile(binary("hello"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "plugin")
	require.NoError(t, os.WriteFile(path, whole, 0o111))

	r, err := tool.Inspect(t.Context(), tool.Binary{Path: path}, false)
	require.NoError(t, err)
	require.Equal(t, tool.FromHandshake, r.Source)
	require.Equal(t, "Greeter", r.Contracts[0].Name)
	require.Empty(t, tool.Diagnose(t.Context(), tool.Binary{Path: path}, nil).Problem)
	contracts, err := tool.Load(t.Context(), path, 0)
	require.NoError(t, err)
	require.Len(t, contracts, 1)

	require.NoError(t, os.Chmod(path, 0))
	_, err = tool.Inspect(t.Context(), tool.Binary{Path: path}, false)
	require.ErrorContains(t, err, "it is not executable")
}

// A directory that may not be looked into is no reason to say that there is nothing.
func TestUnreachableBinary(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root goes everywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "plugin")
	require.NoError(t, os.Chmod(dir, 0))
	t.Cleanup(func() { require.NoError(t, os.Chmod(dir, 0o700)) })
	for _, err := range []error{
		func() error { _, err := tool.Read(t.Context(), path); return err }(),
		func() error { _, err := tool.Load(t.Context(), path, 0); return err }(),
	} {
		require.ErrorIs(t, err, os.ErrPermission)
	}
	require.Contains(t, tool.Diagnose(t.Context(), tool.Binary{Path: path}, nil).Problem, "permission denied")
}
