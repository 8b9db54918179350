package tool_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/tool"
)

// What is behind a program, or a file that is large only because nothing is in it, is not read.
func TestReadOfALargeFile(t *testing.T) {
	program, err := os.Open(binary("hello"))
	require.NoError(t, err)
	defer program.Close()
	path := filepath.Join(t.TempDir(), "large")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o755)
	require.NoError(t, err)
	defer file.Close()
	_, err = io.Copy(file, program)
	require.NoError(t, err)
	const size = 1 << 40
	if err := file.Truncate(size); err != nil {
		t.Skip("there are no sparse files:", err)
	}
	r, err := tool.Read(t.Context(), path)
	require.NoError(t, err)
	require.EqualValues(t, size, r.Size)
	require.Len(t, r.Contracts, 1)
	require.NotEmpty(t, r.Go)
}

func TestReadIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tool.Read(ctx, binary("hello"))
	require.ErrorIs(t, err, context.Canceled)
}
